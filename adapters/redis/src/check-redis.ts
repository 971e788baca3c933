import { Conflict, Unavailable } from "@punctual/adapter-sdk";
import type { Connections } from "./connections.js";
import type { QueueKeys } from "./stream-queue.js";

/** Since then scripts say what they may do where Redis is full. */
const OLDEST = 7;

/** Throws unless queues with these keys can be kept here, and what is accepted stays. */
export async function checkRedis(connections: Connections, queues: readonly QueueKeys[]): Promise<void> {
  // These first: where it is a cluster, they find the node that has the queue.
  const wanted = queues.flatMap(({ stream, bell, hidden, delayed }) => [
    ...[stream, bell].map((key) => ({ key, type: "stream" })),
    ...[hidden, delayed].map((key) => ({ key, type: "zset" })),
  ]);
  await Promise.all(
    wanted.map(async ({ key, type }) => {
      const found = String(await connections.ask(["TYPE", key]));
      if (found === "none" || found === type) return;
      throw new Conflict(
        "wrong_state",
        `The key ${key} is of type ${found}, not ${type}: remove it, or choose another PUNCTUAL_TRANSPORT_QUEUE`,
      );
    }),
  );
  const info = factsOf(String(await connections.ask(["INFO", "everything"])));
  const version = info.get("redis_version") ?? "";
  if (Number.parseInt(version) < OLDEST) {
    throw new Conflict("wrong_state", `Redis has version ${version}: take 7 or newer, or Valkey`);
  }
  // Keys of ours never expire, so policies that evict only what does (volatile-…) leave them alone.
  const policy = info.get("maxmemory_policy") ?? "";
  if (policy.startsWith("allkeys-")) {
    throw new Conflict(
      "wrong_state",
      `Redis would drop messages when it is full (maxmemory-policy ${policy}): set maxmemory-policy to noeviction`,
    );
  }
  if (info.get("role") === "slave") throw new Unavailable("Redis is a replica here, and takes no writes");
}

function factsOf(info: string): ReadonlyMap<string, string> {
  return new Map(
    info.split("\r\n").flatMap((line) => {
      const [, name, value] = /^(\w+):(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}
