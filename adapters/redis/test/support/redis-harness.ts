import { Envelopes, NO_TELEMETRY, QueueTransport, REASON, type TextQueue, type Transport } from "@punctual/adapter-sdk";
import { machineTime, type OpenTransport, type TransportHarness } from "@punctual/adapter-sdk/conformance";
import { randomUUID } from "node:crypto";
import { REDIS_CAPABILITIES } from "../../src/capabilities.js";
import { Connections } from "../../src/connections.js";
import { openRedis, queuesOf } from "../../src/open-redis.js";
import { StreamQueue } from "../../src/stream-queue.js";
import { adminOf } from "./admin.js";
import { gatewayTo } from "./gateway.js";

const KEYS = [Buffer.alloc(32, 7)];
const envelopes = new Envelopes(KEYS);
const VISIBILITY_SECONDS = 8;
const WAITS = { waitMs: 1_000, hiddenMs: VISIBILITY_SECONDS * 1_000 };
const MAX_RECEIVES = 4;
const { clock, now, pass } = machineTime();

interface Behind {
  readonly url: string;
  readonly queue: string;
  readonly sendUnreadable: () => Promise<void>;
  readonly block: () => void;
  readonly opened: { close(): void }[];
}

export interface RedisSite {
  readonly url: () => string;
  /** Whether somebody can stand in the way to it: not to one with TLS. */
  readonly blockable: boolean;
  /** As whom the transport comes, where that is not the one who looks into Redis. */
  readonly login?: { readonly username: string; readonly password: string };
}

/** A queue of its own for each case, in one Redis. */
export function redisHarness(
  { url, blockable, login }: RedisSite,
  transportOn: TransportOn = asItIs,
): TransportHarness {
  const behind = new WeakMap<OpenTransport, Behind>();
  const of = (open: OpenTransport) => behind.get(open) as Behind;
  const openOn = ({ url: at, queue, opened }: Pick<Behind, "url" | "queue" | "opened">) => {
    const one = transportOn(Object.assign(new URL(at), login).href, queue);
    opened.push(one);
    return one.transport;
  };
  return {
    capabilities: REDIS_CAPABILITIES,
    ...{ atOnce: 14, timeoutMs: 120_000 },
    open: async () => {
      const queue = `conformance-${randomUUID()}`;
      const queues = queuesOf(queue);
      const admin = await adminOf(url());
      const gateway = blockable ? await gatewayTo(url()) : null;
      const opened: { close(): void }[] = [];
      const letters = async (stream: string) =>
        ((await admin.xRange(stream, "-", "+")) ?? []).map(({ message: { body = "", [REASON]: reason } }) => {
          const read = envelopes.open(body);
          return { message: "message" in read ? read.message : null, reason: reason ?? "" };
        });
      const here: Behind = {
        ...{ url: gateway?.url ?? url(), queue, opened },
        sendUnreadable: async () => void (await admin.xAdd(queues.main.stream, "*", { strange: "garbage" })),
        block: () => gateway?.block(),
      };
      const open: OpenTransport = {
        ...{ transport: openOn(here), now, pass },
        deadLetters: () => letters(queues.deadLetters.stream),
        kept: () => letters(queues.unreadable.stream),
        ...{ patienceMs: 3_000, redeliveryMs: VISIBILITY_SECONDS * 1_000 },
        close: async () => {
          for (const one of opened) one.close();
          await gateway?.close();
          await admin.unlink(
            Object.values(queues).flatMap(({ stream, hidden, delayed, bell }) => [stream, hidden, delayed, bell]),
          );
          await admin.close();
        },
      };
      behind.set(open, here);
      return open;
    },
    reopen: async (open) => openOn(of(open)),
    sendUnreadable: (open) => of(open).sendUnreadable(),
    ...(blockable && { stall: async (open: OpenTransport) => of(open).block() }),
  };
}

type TransportOn = (url: string, queue: string) => { readonly transport: Transport; close(): void };

const asItIs: TransportOn = (url, queue) => {
  const config = {
    url,
    ca: null,
    queue,
    visibilitySeconds: VISIBILITY_SECONDS,
    maxReceives: MAX_RECEIVES,
    waitSeconds: 1,
  };
  return openRedis(config, { clock, telemetry: NO_TELEMETRY, keys: KEYS });
};

/**
 * What is worked at stays hidden, so nobody else has it meanwhile. As in a process that is stopped for a while, this one does
 * not keep it hidden, so that an old receipt meets a newer one (T3.8).
 */
export function forgetfulHarness(site: RedisSite): TransportHarness {
  const forgetful: TransportOn = (url, queue) => {
    const connections = new Connections({ url }, clock);
    const { main, deadLetters } = queuesOf(queue);
    const real = new StreamQueue({
      connections,
      clock,
      keys: main,
      giveUp: { maxReceives: MAX_RECEIVES, deadLetters },
    });
    const stopped: TextQueue = {
      send: (texts, signal) => real.send(texts, signal),
      receive: (receiving) => real.receive(receiving),
      delete: (receipts) => real.delete(receipts),
      keep: async (receipts, ms) => (ms === WAITS.hiddenMs ? receipts.map(() => true) : real.keep(receipts, ms)),
    };
    const transport = new QueueTransport(
      {
        ...{ capabilities: REDIS_CAPABILITIES, queue: stopped, unreadable: null },
        deadLetters: new StreamQueue({ connections, clock, keys: deadLetters, giveUp: null }),
        ...{ envelopes, clock, telemetry: NO_TELEMETRY },
      },
      WAITS,
    );
    return { transport, close: () => connections.close() };
  };
  return { ...redisHarness(site, forgetful), tellsReceipts: true };
}
