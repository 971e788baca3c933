import type { Message, MessageVerdict, OpenedTransport, Telemetry } from "@punctual/adapter-sdk";
import { machineTime } from "@punctual/adapter-sdk/conformance";
import { expect } from "chai";
import { randomUUID } from "node:crypto";
import type { RedisConfig } from "../../src/config.js";
import { Connections } from "../../src/connections.js";
import { transport } from "../../src/index.js";
import { queuesOf } from "../../src/open-redis.js";
import { StreamQueue } from "../../src/stream-queue.js";

export const time = machineTime();
export const { clock } = time;

const PATIENCE_MS = 20_000;

/** Waits until it holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, ms = PATIENCE_MS): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end;) {
    if (await holds()) return;
    await time.pass(20);
  }
  expect.fail(`${what}: not within ${ms} ms`);
}

/** The queue of messages and that of dead letters, as they see each other. */
export function queuesAt(url: string, { queue = `test-${randomUUID()}`, maxReceives = 3 } = {}) {
  const connections = new Connections({ url }, clock);
  const { main: keys, deadLetters: dead } = queuesOf(queue);
  return {
    ...{ queue, keys, dead, connections },
    main: new StreamQueue({ connections, clock, keys, giveUp: { maxReceives, deadLetters: dead } }),
    deadLetters: new StreamQueue({ connections, clock, keys: dead, giveUp: null }),
    close: () => connections.close(),
  };
}

/** The transport as a program opens it, and what it told of. */
export async function openAt(url: string, of: Partial<RedisConfig> = {}) {
  const troubles: unknown[] = [];
  const telemetry: Telemetry = { note: (fact) => void (fact.kind === "trouble" && troubles.push(fact.error)) };
  const config: RedisConfig = {
    ...{ url, ca: null, queue: `test-${randomUUID()}`, visibilitySeconds: 4, maxReceives: 5, waitSeconds: 2 },
    ...of,
  };
  const opened = await transport.create({ config, clock, telemetry, keys: [] });
  return { ...opened, queue: config.queue, troubles };
}

export function messages(count: number): readonly Message[] {
  return Array.from({ length: count }, () => ({
    ...{ version: 1, eventId: randomUUID(), tenant: "main", scheduleId: randomUUID(), fence: 1 },
    ...{ dueAt: new Date(), notBefore: new Date() },
  }));
}

const ACK: MessageVerdict = { kind: "ack" };

/** Consumes until it is stopped; what was acknowledged is in `seen`, with how often. */
export function consumeFrom(
  { transport: from }: OpenedTransport,
  decide: () => Promise<MessageVerdict> | null = () => null,
) {
  const seen = new Map<string, number>();
  const stop = new AbortController();
  const running = from.consume(
    { maxInFlight: 50, maxBatch: 20 },
    (batch) =>
      batch.map(async ({ eventId }) => {
        const other = decide();
        if (other !== null) return other;
        seen.set(eventId, (seen.get(eventId) ?? 0) + 1);
        return ACK;
      }),
    stop.signal,
  );
  return {
    seen,
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

export async function sendAll({ transport: to }: OpenedTransport, all: readonly Message[]): Promise<void> {
  for (let at = 0; at < all.length; at += to.capabilities.maxBatch) {
    const { refused } = await to.send(all.slice(at, at + to.capabilities.maxBatch));
    expect(refused).to.deep.equal([]);
  }
}
