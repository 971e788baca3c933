import type { Clock } from "../ports/clock.js";
import type {
  ConsumeOptions,
  Message,
  MessageHandler,
  MessageVerdict,
  SendReport,
  Transport,
  TransportCapabilities,
} from "../ports/transport.js";

export interface MemoryTransportOptions {
  /** How long a message stays out of sight after it was given to a handler. */
  readonly visibilityMs: number;
  /** After so many times it becomes a dead letter. */
  readonly maxReceives: number;
}

interface Entry {
  readonly message: Message;
  receives: number;
  /** Of the latest handing out: an older receipt decides nothing. */
  receipt: number;
  visibleAt: number;
}

export interface DeadLetter {
  readonly message: Message;
  readonly reason: string;
}

/** A queue in the same process: at least once, with delay, visibility and dead letters, as the clouds' queues have them. */
export class MemoryTransport implements Transport {
  readonly capabilities: TransportCapabilities = {
    name: "memory",
    maxDelaySeconds: 900,
    maxBatch: 100,
    maxBodyBytes: 262_144,
    ordering: "none",
    deadLetters: true,
    push: false,
    early: "transport",
  };
  readonly deadLetters: DeadLetter[] = [];
  readonly #clock: Clock;
  readonly #options: MemoryTransportOptions;
  readonly #entries = new Set<Entry>();
  #arrived: () => void = () => undefined;

  constructor(clock: Clock, options: MemoryTransportOptions = { visibilityMs: 60_000, maxReceives: 10 }) {
    this.#clock = clock;
    this.#options = options;
  }

  /** How many messages wait or are under way. */
  get size(): number {
    return this.#entries.size;
  }

  async send(messages: readonly Message[]): Promise<SendReport> {
    const now = this.#clock.now().getTime();
    const longest = now + this.capabilities.maxDelaySeconds * 1_000;
    const tooEarly = messages.filter((message) => message.notBefore.getTime() > longest);
    const accepted = messages.filter((message) => !tooEarly.includes(message));
    for (const message of accepted) {
      const visibleAt = Math.max(now, message.notBefore.getTime());
      this.#entries.add({ message: structuredClone(message), receives: 0, receipt: 0, visibleAt });
    }
    this.#arrived();
    return { accepted, refused: tooEarly.map((message) => ({ message, reason: "delay too long" })) };
  }

  /** Hands out what is visible now. A worker that is no loop of its own, as in a test, calls this. */
  receive(limit: number): readonly Received[] {
    const now = this.#clock.now().getTime();
    const received: Received[] = [];
    for (const entry of this.#entries) {
      if (received.length === limit) break;
      if (entry.visibleAt > now) continue;
      if (entry.receives >= this.#options.maxReceives) {
        this.#bury(entry, "received too often");
        continue;
      }
      entry.receives++;
      entry.receipt++;
      entry.visibleAt = now + this.#options.visibilityMs;
      received.push(
        new Received(entry.message, entry.receipt, (receipt, verdict) => this.#settle(entry, receipt, verdict)),
      );
    }
    return received;
  }

  async consume(options: ConsumeOptions, handle: MessageHandler, signal: AbortSignal): Promise<void> {
    const underWay = new Set<Promise<void>>();
    while (!signal.aborted) {
      const room = options.maxInFlight - underWay.size;
      const batch = room > 0 ? this.receive(Math.min(room, options.maxBatch)) : [];
      const verdicts = batch.length === 0 ? [] : handle(batch.map(({ message }) => message));
      for (const [index, received] of batch.entries()) {
        const work = (verdicts[index] ?? Promise.resolve<MessageVerdict>({ kind: "retry", inMs: 0 })).then(
          (verdict) => received.settle(verdict),
          () => undefined, // it comes back when its visibility ends
        );
        const tracked: Promise<void> = work.finally(() => underWay.delete(tracked));
        underWay.add(tracked);
      }
      if (batch.length === 0) await this.#something(underWay, signal);
    }
    await Promise.allSettled(underWay);
  }

  /** Until a message arrives or becomes visible, a place becomes free, or the consumer is stopped. */
  async #something(underWay: ReadonlySet<Promise<void>>, signal: AbortSignal): Promise<void> {
    const awake = new AbortController();
    const either = AbortSignal.any([signal, awake.signal]);
    const arrival = new Promise<void>((resolve) => (this.#arrived = resolve));
    const next = Math.min(...[...this.#entries].map((entry) => entry.visibleAt));
    const wait = next === Infinity ? this.#options.visibilityMs : Math.max(1, next - this.#clock.now().getTime());
    await Promise.race([arrival, this.#clock.sleep(wait, either), ...underWay]);
    awake.abort();
  }

  #settle(entry: Entry, receipt: number, verdict: MessageVerdict): void {
    if (entry.receipt !== receipt) return;
    if (verdict.kind === "ack") this.#entries.delete(entry);
    else if (verdict.kind === "reject") this.#bury(entry, verdict.reason);
    else entry.visibleAt = this.#clock.now().getTime() + verdict.inMs;
  }

  #bury(entry: Entry, reason: string): void {
    this.#entries.delete(entry);
    this.deadLetters.push({ message: entry.message, reason });
  }
}

/** A message that was handed out, until it is settled. */
export class Received {
  readonly message: Message;
  readonly #receipt: number;
  readonly #settle: (receipt: number, verdict: MessageVerdict) => void;

  constructor(message: Message, receipt: number, settle: (receipt: number, verdict: MessageVerdict) => void) {
    this.message = message;
    this.#receipt = receipt;
    this.#settle = settle;
  }

  settle(verdict: MessageVerdict): void {
    this.#settle(this.#receipt, verdict);
  }
}
