import { createClient } from "@redis/client";
import { REASON } from "@punctual/adapter-sdk";
import { queuesOf } from "../../src/open-redis.js";

/** A text that lies in a queue. */
export interface Lying {
  readonly body: string;
  readonly reason: string;
}

/** A queue as an operator sees it with `redis-cli`. */
export async function lookInto(url: string, queue: string) {
  const admin = createClient({ url, RESP: 2 });
  admin.on("error", () => undefined); // a server that is killed comes back
  await admin.connect();
  const queues = queuesOf(queue);
  return {
    put: async (body: string): Promise<void> => void (await admin.xAdd(queues.main.stream, "*", { body })),
    lying: async (where: keyof typeof queues): Promise<readonly Lying[]> =>
      ((await admin.xRange(queues[where].stream, "-", "+")) ?? []).map(({ message }) => ({
        body: message["body"] ?? "",
        reason: message[REASON] ?? "",
      })),
    close: (): void => admin.destroy(),
  };
}
