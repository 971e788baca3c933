import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { SystemClock } from "@punctual/adapter-local";
import { ordersOf } from "./orders.js";
import { headerOf, RequestReader } from "./request-reader.js";
import { serve } from "./serve.js";

const HOST = "127.0.0.1";
const ANSWER = Buffer.from("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok");

export interface SinkOrders {
  /** How long it takes to answer; 0 is at once. */
  readonly answerMs: number;
}

export interface Received {
  readonly requests: number;
  /** How many different `webhook-id`s they had. */
  readonly ids: number;
  readonly signed: number;
  readonly bytes: number;
}

const { answerMs } = ordersOf<SinkOrders>();
const clock = new SystemClock();
let received = { requests: 0, signed: 0, bytes: 0 };
/** By `webhook-id`, when it came first. */
const arrivals = new Map<string, number>();

const server = createServer({ noDelay: true }, (socket) => {
  const reader = new RequestReader();
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    const at = Date.now();
    for (const { head, bytes } of reader.read(chunk)) {
      note(head, bytes, at);
      if (answerMs === 0) socket.write(ANSWER);
      else void clock.sleep(answerMs).then(() => socket.write(ANSWER));
    }
  });
});

function note(head: string, bytes: number, at: number): void {
  const id = headerOf(head, "webhook-id") ?? "";
  received.requests++;
  received.bytes += bytes;
  if (head.includes("\r\nwebhook-signature: v1,")) received.signed++;
  if (!arrivals.has(id)) arrivals.set(id, at);
}

/** Answers every POST with a 200, as cheaply as can be, and counts. */
const skills = {
  open: async (): Promise<string> => {
    server.listen(0, HOST);
    await once(server, "listening");
    return `http://${HOST}:${(server.address() as AddressInfo).port}/hook`;
  },
  /** Since it was emptied last. */
  received: (): Received => ({ ...received, ids: arrivals.size }),
  /** Ids, and when each came, in whole milliseconds, rounded down. */
  arrivals: (): readonly (readonly [string, number])[] => [...arrivals],
  empty: (): void => {
    received = { requests: 0, signed: 0, bytes: 0 };
    arrivals.clear();
  },
};
export type Sink = typeof skills;

serve(skills);
