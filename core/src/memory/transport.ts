import type { Clock } from "../ports/clock.js";
import type {
  ConsumeOptions,
  DeadLetter,
  DeadLetterHandler,
  Message,
  MessageHandler,
  MessageVerdict,
  SendReport,
  Transport,
  TransportCapabilities,
} from "../ports/transport.js";
import { WakeQueue } from "./wake-queue.js";

export interface MemoryTransportOptions {
  /** How long a message stays out of sight after it was given to a handler. */
  readonly visibilityMs: number;
  /** After so many times it becomes a dead letter. */
  readonly maxReceives: number;
}

interface Entry {
  readonly id: string;
  readonly message: Message;
  receives: number;
  /** Of the latest handing out: an older receipt decides nothing. */
  receipt: number;
}

const RETRY: MessageVerdict = { kind: "retry", inMs: 0 };

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
  /** What was rejected among the dead letters. */
  readonly kept: DeadLetter[] = [];
  readonly #clock: Clock;
  readonly #options: MemoryTransportOptions;
  readonly #entries = new Map<string, Entry>();
  /** When each entry can be seen again, whether it waits or is under way. */
  readonly #visible = new WakeQueue();
  readonly #idle = new Set<() => void>();
  /** Until when a dead letter is out of sight; of one that is not here it was never offered. */
  readonly #unseenUntil = new WeakMap<DeadLetter, number>();
  readonly #idleUndertakers = new Set<() => void>();
  #sent = 0;

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
    const report: { accepted: Message[]; refused: { message: Message; reason: string }[] } = {
      accepted: [],
      refused: [],
    };
    for (const message of messages) {
      const reason = this.#objection(message, now);
      if (reason !== null) report.refused.push({ message, reason });
      else {
        report.accepted.push(message);
        this.#add(message, now);
      }
    }
    if (report.accepted.length > 0) this.#stir();
    return report;
  }

  /** Hands out what is visible now. A worker that is no loop of its own, as in a test, calls this. */
  receive(limit: number): readonly Received[] {
    const now = this.#clock.now().getTime();
    const received: Received[] = [];
    while (received.length < limit) {
      const first = this.#visible.first();
      const entry = this.#entries.get(first?.id ?? "");
      if (first === null || first.at > now || entry === undefined) break;
      if (entry.receives >= this.#options.maxReceives) {
        this.#bury(entry, "received too often");
        continue;
      }
      entry.receives++;
      const receipt = ++entry.receipt;
      this.#visible.set(entry.id, now + this.#options.visibilityMs);
      // A copy: whoever changes what was handed out does not change what is handed out next.
      received.push(new Received(structuredClone(entry.message), (verdict) => this.#settle(entry, receipt, verdict)));
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
        const work = (verdicts[index] ?? Promise.resolve(RETRY)).then(
          (verdict) => received.settle(verdict),
          () => undefined, // it comes back when its visibility ends
        );
        const tracked: Promise<void> = work.finally(() => underWay.delete(tracked));
        underWay.add(tracked);
      }
      if (batch.length === 0) await this.#something(underWay, room > 0, signal);
    }
    await Promise.allSettled(underWay);
  }

  async consumeDeadLetters(handle: DeadLetterHandler, signal: AbortSignal): Promise<void> {
    const underWay = new Set<Promise<void>>();
    while (!signal.aborted) {
      const letters = this.#takeLetters();
      const verdicts = letters.length === 0 ? [] : handle(structuredClone(letters));
      for (const [index, letter] of letters.entries()) {
        const work = (verdicts[index] ?? Promise.resolve(RETRY)).then(
          (verdict) => this.#settleLetter(letter, verdict),
          () => undefined, // it comes back when it can be seen again
        );
        const tracked: Promise<void> = work.finally(() => underWay.delete(tracked));
        underWay.add(tracked);
      }
      if (letters.length === 0) await this.#someLetter(signal);
    }
    await Promise.allSettled(underWay);
  }

  /** Gives up on what never was a message of its own, as other transports do with what they cannot read. */
  giveUp(letter: DeadLetter): void {
    this.deadLetters.push(letter);
    for (const stir of this.#idleUndertakers) stir();
  }

  #takeLetters(): readonly DeadLetter[] {
    const now = this.#clock.now().getTime();
    const letters = this.deadLetters.filter((letter) => (this.#unseenUntil.get(letter) ?? 0) <= now);
    for (const letter of letters) this.#unseenUntil.set(letter, now + this.#options.visibilityMs);
    return letters;
  }

  #settleLetter(letter: DeadLetter, verdict: MessageVerdict): void {
    const index = this.deadLetters.indexOf(letter);
    if (index < 0) return;
    if (verdict.kind === "retry") {
      this.#unseenUntil.set(letter, this.#clock.now().getTime() + verdict.inMs);
      for (const stir of this.#idleUndertakers) stir();
      return;
    }
    this.deadLetters.splice(index, 1);
    if (verdict.kind === "reject") this.kept.push(letter);
  }

  async #someLetter(signal: AbortSignal): Promise<void> {
    const awake = new AbortController();
    const { promise: stirred, resolve: stir } = Promise.withResolvers<void>();
    this.#idleUndertakers.add(stir);
    const next = this.deadLetters.reduce((first, one) => Math.min(first, this.#unseenUntil.get(one) ?? 0), Infinity);
    const wait = Math.max(1, next - this.#clock.now().getTime());
    await Promise.race([stirred, this.#clock.sleep(wait, AbortSignal.any([signal, awake.signal]))]);
    this.#idleUndertakers.delete(stir);
    awake.abort();
  }

  /** Until a place becomes free, the consumer is stopped, or, where it has room, a message can be seen. */
  async #something(underWay: ReadonlySet<Promise<void>>, room: boolean, signal: AbortSignal): Promise<void> {
    const awake = new AbortController();
    const either = AbortSignal.any([signal, awake.signal]);
    const { promise: stirred, resolve: stir } = Promise.withResolvers<void>();
    if (room) this.#idle.add(stir);
    const next = room ? this.#visible.first() : null;
    const wait = next === null ? Infinity : Math.max(1, next.at - this.#clock.now().getTime());
    await Promise.race([stirred, this.#clock.sleep(wait, either), ...underWay]);
    this.#idle.delete(stir);
    awake.abort();
  }

  /** Lets every consumer that has room look again: each of them may have slept for a message that came too late for it. */
  #stir(): void {
    for (const stir of this.#idle) stir();
  }

  #objection(message: Message, now: number): string | null {
    const longest = now + this.capabilities.maxDelaySeconds * 1_000;
    if (message.notBefore.getTime() > longest) return "delay too long";
    return sizeOf(message) > this.capabilities.maxBodyBytes ? "too large" : null;
  }

  #add(message: Message, now: number): void {
    const id = String(this.#sent++).padStart(16, "0"); // those of one time go in the order in which they came
    this.#entries.set(id, { id, message: structuredClone(message), receives: 0, receipt: 0 });
    this.#visible.set(id, Math.max(now, message.notBefore.getTime()));
  }

  #settle(entry: Entry, receipt: number, verdict: MessageVerdict): void {
    if (entry.receipt !== receipt || !this.#entries.has(entry.id)) return;
    if (verdict.kind === "ack") this.#remove(entry);
    else if (verdict.kind === "reject") this.#bury(entry, verdict.reason);
    else {
      this.#visible.set(entry.id, this.#clock.now().getTime() + verdict.inMs);
      this.#stir();
    }
  }

  #bury(entry: Entry, reason: string): void {
    this.#remove(entry);
    this.giveUp({ message: entry.message, reason });
  }

  #remove({ id }: Entry): void {
    this.#entries.delete(id);
    this.#visible.set(id, null);
  }
}

/** A message that was handed out, until it is settled. */
export class Received {
  readonly message: Message;
  readonly #settle: (verdict: MessageVerdict) => void;

  constructor(message: Message, settle: (verdict: MessageVerdict) => void) {
    this.message = message;
    this.#settle = settle;
  }

  settle(verdict: MessageVerdict): void {
    this.#settle(verdict);
  }
}

/** No less than the characters it would take as JSON, but for escapes. */
function sizeOf({ eventId, tenant, scheduleId, traceparent = "" }: Message): number {
  return 200 + eventId.length + tenant.length + scheduleId.length + traceparent.length;
}
