import {
  BatchQueue,
  type Clock,
  type ConsumeOptions,
  type DeadLetter,
  type DeadLetterHandler,
  type Message,
  type MessageHandler,
  type MessageVerdict,
  type SendReport,
  type Telemetry,
  type Transport,
  type TransportCapabilities,
} from "@punctual/core";
import type { Envelopes } from "../envelopes.js";
import { consumeQueue, type ConsumeQueueDeps, type Waits } from "./consume-queue.js";
import { AGAIN, judge } from "./judge.js";
import { type Outgoing, type Received, sizeOf, type TextQueue } from "./text-queue.js";

export interface QueueTransportDeps {
  readonly capabilities: TransportCapabilities;
  readonly queue: TextQueue;
  /** Null keeps none: what is rejected is told of, and dropped. */
  readonly deadLetters: TextQueue | null;
  /** Where dead letters go that nobody can read; null leaves them where they are. */
  readonly unreadable: TextQueue | null;
  readonly envelopes: Envelopes;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** So long may a dead letter that is left where it is be hidden, or as long as its queue can hide it. */
const LONGEST_MS = 43_200_000;
const MOST_DELETES = 10;
const MOST_LETTERS = 10;
const MOST_ATTRIBUTES = 10;
/** The attribute of a dead letter that says why it is one. What the service itself has moved there has none. */
export const REASON = "reason";
const TRACE = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/**
 * Messages in a queue of texts, whose dead letters are in another. Envelopes, holding, flow control, hiding what is worked at
 * and dead letters are done here; `TextQueue` is what is left for a service.
 */
export class QueueTransport implements Transport {
  readonly capabilities: TransportCapabilities;
  readonly #deps: QueueTransportDeps;
  readonly #waits: Waits;

  constructor(deps: QueueTransportDeps, waits: Waits) {
    this.capabilities = deps.capabilities;
    this.#deps = deps;
    this.#waits = waits;
  }

  async send(messages: readonly Message[], signal?: AbortSignal): Promise<SendReport> {
    const { queue, clock } = this.#deps;
    const now = clock.now().getTime();
    const texts = messages.map((message) => this.#textOf(message, now));
    const objections = texts.map((text) => objectionTo(text, this.capabilities));
    const fine = texts.flatMap((text, index) => (objections[index] === null ? [{ text, index }] : []));
    const answers = await queue.send(
      fine.map(({ text }) => text),
      signal,
    );
    const reasons = new Map(fine.map(({ index }, place) => [index, answers[place] ?? null]));
    const report: { accepted: Message[]; refused: { message: Message; reason: string }[] } = {
      accepted: [],
      refused: [],
    };
    for (const [index, message] of messages.entries()) {
      const reason = objections[index] ?? reasons.get(index) ?? null;
      if (reason === null) report.accepted.push(message);
      else report.refused.push({ message, reason });
    }
    return report;
  }

  async consume(options: ConsumeOptions, handle: MessageHandler, signal: AbortSignal): Promise<void> {
    const { queue } = this.#deps;
    const deletes = this.#deletesFrom(queue);
    const work = (batch: readonly Received[]) =>
      judge(batch, handle, this.#deps, signal).map(async (judged, index) => {
        const received = batch[index] as Received;
        const verdict = await judged;
        if (verdict.kind === "retry") return void (await queue.keep([received.receipt], verdict.inMs));
        if (verdict.kind === "reject" && !(await this.#bury(received, verdict.reason))) return;
        await deletes.add(received.receipt);
      });
    const maxBatch = Math.min(options.maxBatch, this.capabilities.maxBatch);
    await consumeQueue(this.#on(queue), { ...options, maxBatch, ...this.#waits }, work, signal);
  }

  async consumeDeadLetters(handle: DeadLetterHandler, signal: AbortSignal): Promise<void> {
    const { deadLetters: queue } = this.#deps;
    if (queue === null) return;
    const deletes = this.#deletesFrom(queue);
    const work = (batch: readonly Received[]) =>
      handle(batch.map((received) => this.#letterOf(received))).map(async (judged, index) => {
        const received = batch[index] as Received;
        const verdict = await judged;
        if (verdict.kind === "retry") return void (await queue.keep([received.receipt], verdict.inMs));
        if (verdict.kind === "reject" && !(await this.#setAside(received, verdict.reason))) {
          return void (await queue.keep([received.receipt], LONGEST_MS));
        }
        await deletes.add(received.receipt);
      });
    const few = Math.min(MOST_LETTERS, this.capabilities.maxBatch);
    await consumeQueue(this.#on(queue), { maxInFlight: few, maxBatch: few, ...this.#waits }, work, signal);
  }

  /**
   * Works at what was fetched by somebody else, who deletes all but those whose places are answered: these come again.
   * Never throws, since that would bring all of them back.
   */
  async work(batch: readonly Received[], handle: MessageHandler): Promise<readonly number[]> {
    return this.#failedOf(judge(batch, handle, this.#deps), async (verdict, place) => {
      const received = batch[place] as Received;
      if (verdict.kind === "ack") return true;
      if (verdict.kind === "reject") return this.#bury(received, verdict.reason);
      await this.#deps.queue.keep([received.receipt], verdict.inMs);
      return false;
    });
  }

  /** As `work`, for what was fetched from among the dead letters. */
  async workAtDeadLetters(batch: readonly Received[], handle: DeadLetterHandler): Promise<readonly number[]> {
    const handled = (async () => handle(batch.map((received) => this.#letterOf(received))))();
    const judged = batch.map(async (_, place) => (await (await handled)[place]) ?? AGAIN);
    return this.#failedOf(judged, async (verdict, place) => {
      const received = batch[place] as Received;
      if (verdict.kind === "ack") return true;
      if (verdict.kind === "reject" && (await this.#setAside(received, verdict.reason))) return true;
      await this.#deps.deadLetters?.keep([received.receipt], verdict.kind === "retry" ? verdict.inMs : LONGEST_MS);
      return false;
    });
  }

  async #failedOf(
    judged: readonly Promise<MessageVerdict>[],
    settle: (verdict: MessageVerdict, place: number) => Promise<boolean>,
  ): Promise<readonly number[]> {
    const done = await Promise.all(
      judged.map(async (one, place) => {
        try {
          return await settle(await one, place);
        } catch (error) {
          this.#trouble(error);
          return false;
        }
      }),
    );
    return done.flatMap((one, place) => (one ? [] : [place]));
  }

  #textOf(message: Message, now: number): Outgoing {
    const { traceparent, notBefore } = message;
    const body = this.#deps.envelopes.seal(message);
    const delayMs = this.capabilities.maxDelaySeconds === 0 ? 0 : Math.max(0, notBefore.getTime() - now);
    if (traceparent === undefined || !TRACE.test(traceparent)) return { body, delayMs };
    return { body, delayMs, attributes: { traceparent } };
  }

  /** Whether it is among the dead letters now, if there are any. */
  async #bury({ body, id }: Received, reason: string): Promise<boolean> {
    const { deadLetters } = this.#deps;
    if (deadLetters === null) {
      this.#trouble(new Error(`Dropped: ${reason}`));
      return true;
    }
    const [refused] = await deadLetters.send([{ body, attributes: { [REASON]: printable(reason), messageId: id } }]);
    if (refused !== null) this.#trouble(new Error(`Not among the dead letters: ${refused}`));
    return refused === null;
  }

  async #setAside({ body, attributes }: Received, reason: string): Promise<boolean> {
    // What somebody else has written may have attributes that are no text here, and as many as a queue takes.
    const others = Object.entries(attributes).filter(([name, value]) => name !== REASON && value !== "");
    const kept = Object.fromEntries(others.slice(0, MOST_ATTRIBUTES - 1));
    const [refused] = (await this.#deps.unreadable?.send([
      { body, attributes: { ...kept, [REASON]: printable(attributes[REASON] ?? reason) } },
    ])) ?? ["There is no place for it"];
    return refused === null;
  }

  #letterOf({ body, attributes }: Received): DeadLetter {
    const opened = this.#deps.envelopes.open(body);
    if ("objection" in opened) return { message: null, reason: attributes[REASON] ?? opened.objection };
    return { message: opened.message, reason: attributes[REASON] ?? "received too often" };
  }

  /** Many in one request where there are as many; one that fails comes again, and finds nothing to do. */
  #deletesFrom(queue: TextQueue): BatchQueue<string, boolean> {
    const options = { flushMs: 5, maxBatch: Math.max(MOST_DELETES, this.capabilities.maxBatch) };
    return new BatchQueue((receipts) => queue.delete(receipts), this.#deps.clock, options);
  }

  #on(queue: TextQueue): ConsumeQueueDeps {
    const { clock, telemetry } = this.#deps;
    return { name: this.capabilities.name, queue, clock, telemetry };
  }

  #trouble(error: unknown): void {
    this.#deps.telemetry.note({ kind: "trouble", where: this.capabilities.name, error });
  }
}

function objectionTo(text: Outgoing, { maxDelaySeconds, maxBodyBytes }: TransportCapabilities): string | null {
  if ((text.delayMs ?? 0) >= (maxDelaySeconds + 1) * 1_000) return "delay too long";
  return sizeOf(text) > maxBodyBytes ? "too large" : null;
}

/** Not every queue takes every character, or an empty value of an attribute. */
function printable(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, "?").slice(0, 200) || "no reason given";
}
