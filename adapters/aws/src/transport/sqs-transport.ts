import type { Envelopes } from "@punctual/adapter-sdk";
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
import { consumeQueue, type Waits } from "./consume-queue.js";
import { AGAIN, judge } from "./judge.js";
import { MOST_IN_BATCH, type Outgoing, type Queue, type Received, sizeOf } from "./queue.js";
import { traceHeaderOf } from "./trace-header.js";

export const SQS_CAPABILITIES: TransportCapabilities = {
  name: "sqs",
  maxDelaySeconds: 900,
  maxBatch: MOST_IN_BATCH,
  // SQS takes four times as much; ours hold ids, and what is larger is a mistake.
  maxBodyBytes: 262_144,
  ordering: "none",
  deadLetters: true,
  push: false,
  early: "transport",
};

export interface SqsTransportDeps {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  /** Where dead letters go that nobody can read; left out, they stay where they are. */
  readonly unreadable: Queue | null;
  readonly envelopes: Envelopes;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** So long may a dead letter that is left where it is stay out of sight; more than SQS allows, and so as long as it does. */
const LONGEST_MS = 43_200_000;
const DELETES = { flushMs: 5, maxBatch: MOST_IN_BATCH };
const MOST_ATTRIBUTES = 10;
const A_FEW: ConsumeOptions = { maxInFlight: MOST_IN_BATCH, maxBatch: MOST_IN_BATCH };
/** The attribute of a dead letter that says why it is one. What SQS itself has moved there has none. */
export const REASON = "reason";

/** Messages in an SQS queue, whose dead letters are in another. */
export class SqsTransport implements Transport {
  readonly capabilities = SQS_CAPABILITIES;
  readonly #deps: SqsTransportDeps;
  readonly #waits: Waits;

  constructor(deps: SqsTransportDeps, waits: Waits) {
    this.#deps = deps;
    this.#waits = waits;
  }

  async send(messages: readonly Message[], signal?: AbortSignal): Promise<SendReport> {
    const { queue, clock } = this.#deps;
    const now = clock.now().getTime();
    const texts = messages.map((message) => this.#textOf(message, now));
    const objections = texts.map((text) => objectionTo(text));
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
    await consumeQueue({ ...this.#deps, queue }, { ...options, ...this.#waits }, work, signal);
  }

  async consumeDeadLetters(handle: DeadLetterHandler, signal: AbortSignal): Promise<void> {
    const { deadLetters: queue } = this.#deps;
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
    await consumeQueue({ ...this.#deps, queue }, { ...A_FEW, ...this.#waits }, work, signal);
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
      await this.#deps.deadLetters.keep([received.receipt], verdict.kind === "retry" ? verdict.inMs : LONGEST_MS);
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
          this.#deps.telemetry.note({ kind: "trouble", where: "sqs", error });
          return false;
        }
      }),
    );
    return done.flatMap((one, place) => (one ? [] : [place]));
  }

  #textOf(message: Message, now: number): Outgoing {
    const { traceparent, notBefore } = message;
    const body = this.#deps.envelopes.seal(message);
    // Rather early than late: who receives it holds it for the rest of the second.
    const delaySeconds = Math.max(0, Math.floor((notBefore.getTime() - now) / 1_000));
    const traceHeader = traceparent === undefined ? null : traceHeaderOf(traceparent);
    if (traceparent === undefined || traceHeader === null) return { body, delaySeconds };
    return { body, delaySeconds, attributes: { traceparent }, traceHeader };
  }

  /** Whether it is among the dead letters now. */
  async #bury({ body, id }: Received, reason: string): Promise<boolean> {
    const { deadLetters, telemetry } = this.#deps;
    const [refused] = await deadLetters.send([{ body, attributes: { [REASON]: printable(reason), messageId: id } }]);
    if (refused !== null) {
      telemetry.note({ kind: "trouble", where: "sqs", error: new Error(`Not among the dead letters: ${refused}`) });
    }
    return refused === null;
  }

  async #setAside({ body, attributes }: Received, reason: string): Promise<boolean> {
    // What somebody else has written may have attributes of bytes, which are no text here, and as many as SQS takes.
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

  /** Ten in one request where there are as many; one that fails comes again, and finds nothing to do. */
  #deletesFrom(queue: Queue): BatchQueue<string, boolean> {
    return new BatchQueue((receipts) => queue.delete(receipts), this.#deps.clock, DELETES);
  }
}

function objectionTo(text: Outgoing): string | null {
  if ((text.delaySeconds ?? 0) > SQS_CAPABILITIES.maxDelaySeconds) return "delay too long";
  return sizeOf(text) > SQS_CAPABILITIES.maxBodyBytes ? "too large" : null;
}

/** SQS takes no empty value of an attribute. */
function printable(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, "?").slice(0, 200) || "no reason given";
}
