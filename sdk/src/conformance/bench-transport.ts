import type { Message, MessageVerdict } from "@punctual/core";
import type { OpenTransport, TransportHarness } from "@punctual/core/conformance";
import { randomUUID } from "node:crypto";

export interface BenchOptions {
  readonly messages: number;
}

export interface BenchReport {
  readonly name: string;
  readonly messages: number;
  /** Of full batches, four at a time. */
  readonly sendPerSecond: number;
  /** Of what lies ready, to one consumer that acknowledges at once. */
  readonly deliverPerSecond: number;
  /** From before `send` to the handler, of single messages that a consumer waits for. */
  readonly wayMs: { readonly p50: number; readonly p99: number };
}

const SENDERS = 4;
const CONSUMER = { maxInFlight: 100, maxBatch: 10 };
const MOST_WAYS = 1_000;
/** Without a message for so long, no more is waited for. */
const SILENCE_MS = 60_000;

/** How fast a transport is, on the machine's own time. Compare figures of one machine alone. */
export async function benchTransport(harness: TransportHarness, { messages }: BenchOptions): Promise<BenchReport> {
  const open = await harness.open();
  const stop = new AbortController();
  const arrivals = new Arrivals(open);
  try {
    const all = Array.from({ length: messages }, () => messageNow(open));
    const sending = await timed(() => sendAll(open, all, harness.capabilities.maxBatch));
    const consume = open.consume ?? open.transport.consume.bind(open.transport);
    const start = performance.now();
    const consuming = consume(CONSUMER, (batch) => arrivals.take(batch), stop.signal);
    consuming.catch(() => undefined); // told at the end
    const delivering = (await arrivals.allOf(all)) - start;
    const ways: number[] = [];
    for (let count = Math.min(messages, MOST_WAYS); count > 0; count--) {
      const one = messageNow(open);
      const from = performance.now();
      await sendAll(open, [one], 1);
      ways.push((await arrivals.allOf([one])) - from);
    }
    stop.abort();
    await open.pass(open.patienceMs);
    await consuming;
    return {
      name: harness.capabilities.name,
      messages,
      sendPerSecond: perSecond(messages, sending),
      deliverPerSecond: perSecond(messages, delivering),
      wayMs: { p50: quantile(ways, 0.5), p99: quantile(ways, 0.99) },
    };
  } finally {
    stop.abort();
    await open.close();
  }
}

const ACK: MessageVerdict = { kind: "ack" };

/** When each message came first. */
class Arrivals {
  readonly #open: OpenTransport;
  readonly #times = new Map<string, number>();

  constructor(open: OpenTransport) {
    this.#open = open;
  }

  take(batch: readonly Message[]): readonly Promise<MessageVerdict>[] {
    const now = performance.now();
    for (const { eventId } of batch) if (!this.#times.has(eventId)) this.#times.set(eventId, now);
    return batch.map(async () => ACK);
  }

  /** The time of the last of them. */
  async allOf(messages: readonly Message[]): Promise<number> {
    let missing = messages.filter(({ eventId }) => !this.#times.has(eventId));
    for (let heard = performance.now(); missing.length > 0;) {
      await this.#open.pass(1);
      const still = missing.filter(({ eventId }) => !this.#times.has(eventId));
      if (still.length < missing.length) heard = performance.now();
      else if (performance.now() - heard > SILENCE_MS) throw new Error(`${still.length} messages did not come`);
      missing = still;
    }
    return messages.reduce((latest, { eventId }) => Math.max(latest, this.#times.get(eventId) ?? 0), 0);
  }
}

async function sendAll({ transport }: OpenTransport, messages: readonly Message[], maxBatch: number): Promise<void> {
  const batches = Array.from({ length: Math.ceil(messages.length / maxBatch) }, (_, index) =>
    messages.slice(index * maxBatch, (index + 1) * maxBatch),
  );
  const waiting = batches.values();
  const work = async () => {
    for (const batch of waiting) {
      const { refused } = await transport.send(batch);
      if (refused[0] !== undefined) throw new Error(`A message was refused: ${refused[0].reason}`);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, work));
}

function messageNow(open: OpenTransport): Message {
  const now = open.now();
  return {
    ...{ version: 1, eventId: randomUUID(), tenant: "main", scheduleId: randomUUID(), fence: 1 },
    ...{ dueAt: now, notBefore: open.transport.capabilities.early === "transport" ? now : new Date(0) },
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function perSecond(count: number, ms: number): number {
  return Math.round((count * 1_000) / Math.max(ms, 0.001));
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return Math.round(value * 1_000) / 1_000;
}
