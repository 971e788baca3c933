import { isAway } from "../errors.js";
import { decideDelivery } from "../events/decide-delivery.js";
import { parseDuration } from "../recurrence/duration.js";
import type { Reason } from "../events/event.js";
import { claimKey, type ClaimRef } from "../events/life-cycle.js";
import { renderBody } from "../events/render.js";
import { type Answered, attemptOf, callbackFor, outcomeOf } from "../events/ending.js";
import { meaningOf } from "../events/retry.js";
import { traceOf } from "../events/trace.js";
import type { Destination } from "../destinations/destination.js";
import type { Clock } from "../ports/clock.js";
import type { DestinationGate } from "../ports/destination-gate.js";
import type { Begun, Ending, EventStore, Outcome } from "../ports/event-store.js";
import type { Failpoints } from "../ports/failpoints.js";
import type { Rng } from "../ports/rng.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { Message, MessageVerdict } from "../ports/transport.js";
import { Admissions, type Asked, type Postponed } from "./admissions.js";
import { BatchQueue } from "./batch-queue.js";
import type { DisableDestination } from "./disable-destination.js";
import { FinishQueue } from "./finish-queue.js";
import type { Senders } from "./refuse-url.js";

export interface DeliverEventsDeps {
  readonly events: EventStore;
  readonly senders: Senders;
  readonly gate: DestinationGate;
  readonly disableDestination: DisableDestination;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly telemetry: Telemetry;
  readonly failpoints: Failpoints;
}

export interface DeliverOptions {
  /** The lease of an attempt; one whose destination allows more time gets more. */
  readonly leaseMs: number;
  /** Of a lease so much must be left when a request starts, beyond the request's own timeout. */
  readonly marginMs: number;
  /** An event that is early by no more than this is held by the worker; any other goes back. */
  readonly holdMs: number;
  readonly flushMs: number;
  readonly finishBatch: number;
  /** When a message is offered again, whose event the store could not give. */
  readonly troubleMs: number;
  /** Requests under way at one time, all destinations together. */
  readonly places: number;
  /** How long an event waits here for a place at its destination before it goes back. */
  readonly patienceMs: number;
  /** It goes back at once where no request to its destination has ended for so long. */
  readonly stallMs: number;
}

export const DELIVER_DEFAULTS: DeliverOptions = {
  leaseMs: 30_000,
  marginMs: 2_000,
  holdMs: 5_000,
  flushMs: 5,
  finishBatch: 500,
  troubleMs: 2_000,
  places: 1_000,
  patienceMs: 1_000,
  stallMs: 50,
};

const ACK: MessageVerdict = { kind: "ack" };

/** How long a place in a rate is good for. */
const PROMPT_MS = 75;
const A_SECOND_MS = 1_000;
/** A place may be held by a worker that is no more, until its lease ends: nobody asks for it more often. */
const LEAST_WAIT_MS = 500;
/** How long to wait at most where a request cannot be signed just now. */
const LONGEST_TROUBLE_MS = 60_000;

/**
 * Delivers the events that messages name. Its order is what keeps the promises:
 *   1. wait until it is due, by the store's clock (I8);
 *   2. begin, in the store: whoever has a stale or second message finds nothing to take, and no two workers send at once;
 *   3. look once more at event, schedule and destination, as they were read with the begin (I7);
 *   4. send, while the lease is surely still ours;
 *   5. finish, in the store, with the attempt;
 *   6. acknowledge the message. A crash anywhere before leaves the event to the end of its lease (I2).
 */
export class DeliverEvents {
  readonly #deps: DeliverEventsDeps;
  readonly #options: DeliverOptions;
  readonly #finishes: FinishQueue;
  readonly #admissions: Admissions;
  /** Answers whether the claim was lost. */
  readonly #extends: BatchQueue<Extended, boolean>;
  readonly #forLeftovers = new Set<() => void>();

  constructor(deps: DeliverEventsDeps, options: DeliverOptions = DELIVER_DEFAULTS) {
    this.#deps = deps;
    this.#options = options;
    const batches = { flushMs: options.flushMs, maxBatch: options.finishBatch };
    this.#finishes = new FinishQueue(deps.events, deps.clock, batches);
    this.#extends = new BatchQueue((some) => this.#extendAll(some), deps.clock, batches);
    this.#admissions = new Admissions(deps, options);
  }

  /** How early an event may come here and still be sent on time. */
  get holdMs(): number {
    return this.#options.holdMs;
  }

  /** How many more events may be begun here. */
  get free(): number {
    return this.#admissions.lanes.free;
  }

  /** How long an event for a destination, behind so many others, would be sent back for: where it is certain beforehand. */
  fullFor(destinationId: string, coming: number): number | null {
    return this.#admissions.lanes.fullFor(destinationId, coming);
  }

  /** Keeps so many places for events that are just being begun. */
  reserve(count: number): void {
    this.#admissions.lanes.expect(count);
  }

  unreserve(count: number): void {
    this.#admissions.lanes.arrived(count);
  }

  /** Until one more may be begun, or the signal is aborted. */
  async room(signal?: AbortSignal): Promise<void> {
    return this.#admissions.lanes.room(signal);
  }

  /** Until an event has left something to do: a retry, or a callback. */
  async leftover(): Promise<void> {
    return new Promise((resolve) => this.#forLeftovers.add(resolve));
  }

  /** A verdict for each message, in their order. */
  handle(messages: readonly Message[], signal?: AbortSignal): readonly Promise<MessageVerdict>[] {
    if (messages.length === 0) return [];
    const beginning = this.#begin(messages);
    const later = new Map<number, Promise<Turn>>();
    const waitFor = (turn: Turn, inMs: number) => {
      const group = later.get(inMs) ?? this.#beginLater(messages, turn, inMs, signal);
      later.set(inMs, group);
      return group;
    };
    return messages.map(async (message): Promise<MessageVerdict> => {
      try {
        let turn = await beginning;
        const early = turn.early.get(claimKey(message));
        if (early !== undefined && early <= this.#options.holdMs) turn = await waitFor(turn, early);
        if (turn.failed.has(claimKey(message))) throw turn.failed.get(claimKey(message));
        if (turn.early.has(claimKey(message))) await this.#deps.events.release([claimOf(message)]);
        const taken = turn.taken.get(claimKey(message));
        turn.taken.delete(claimKey(message)); // a second message of the same batch finds nothing
        if (taken !== undefined) await this.#deliver(taken, message.traceparent, signal);
        await this.#deps.failpoints.at("ack.before");
        return ACK;
      } catch (error) {
        this.#deps.telemetry.note({ kind: "trouble", where: "deliver", error });
        return { kind: "retry", inMs: this.#options.troubleMs };
      }
    });
  }

  /**
   * Delivers what was begun by whoever claimed it, and ends when all of it has. `trusted`: until when, on the monotonic
   * clock, the leases are surely ours.
   */
  async deliver(begun: readonly Begun[], trusted: number, signal?: AbortSignal): Promise<void> {
    const { clock, telemetry } = this.#deps;
    this.#admissions.lanes.expect(begun.length);
    const taken = await this.#take(begun, clock.monotonic(), trusted).finally(() =>
      this.#admissions.lanes.arrived(begun.length),
    );
    await Promise.all(
      taken.map(async (one) => {
        try {
          await this.#deliver(one, undefined, signal);
        } catch (error) {
          // It comes back when its lease ends.
          telemetry.note({ kind: "trouble", where: "deliver", error });
        }
      }),
    );
  }

  /** Begins those that were early by so much, when their time has come; all of them together. */
  async #beginLater(messages: readonly Message[], turn: Turn, inMs: number, signal?: AbortSignal): Promise<Turn> {
    const { clock } = this.#deps;
    const wait = inMs - (clock.monotonic() - turn.since);
    if (wait > 0) await clock.sleep(wait, signal);
    if (signal?.aborted === true) return turn;
    return this.#begin(messages.filter((message) => turn.early.get(claimKey(message)) === inMs));
  }

  /** Takes over what the messages name: one statement for all of them, or one for each where one of them spoils it. */
  async #begin(messages: readonly Message[]): Promise<Turn> {
    const { clock, failpoints } = this.#deps;
    await failpoints.at("consume.after_receive");
    const failed = new Map<string, unknown>();
    try {
      return await this.#beginAll(messages, failed);
    } catch (error) {
      if (messages.length === 1 || isAway(error)) throw error;
    }
    const since = clock.monotonic();
    const turns = await Promise.all(
      messages.map(async (message) => {
        try {
          return await this.#beginAll([message], failed);
        } catch (error) {
          failed.set(claimKey(message), error);
          return null;
        }
      }),
    );
    const begun = turns.filter((turn) => turn !== null);
    return {
      since,
      taken: new Map(begun.flatMap(({ taken }) => [...taken])),
      early: new Map(begun.flatMap(({ early }) => [...early])),
      failed,
    };
  }

  async #beginAll(messages: readonly Message[], failed: ReadonlyMap<string, unknown>): Promise<Turn> {
    const { events, clock, telemetry } = this.#deps;
    const { leaseMs } = this.#options;
    const trusted = clock.monotonic() + leaseMs;
    const { begun, lost, early } = await events.begin(messages.map(claimOf), leaseMs);
    const since = clock.monotonic();
    for (const claim of lost) telemetry.note({ kind: "lost", eventId: claim.eventId, at: "begin" });
    const taken = await this.#take(begun, since, trusted);
    return {
      since,
      taken: new Map(taken.map((one) => [claimKey(one.begun.claim), one])),
      early: new Map(early.map(({ claim, inMs }) => [claimKey(claim), inMs])),
      failed,
    };
  }

  /** Looks at what has begun, and asks for places at the destinations: here first, then of all workers together. */
  async #take(begun: readonly Begun[], since: number, trusted: number): Promise<readonly Taken[]> {
    const { clock, failpoints } = this.#deps;
    await failpoints.at("attempt.after_begin");
    const decided = begun.map((one) => ({ begun: one, instead: decideDelivery(one) ?? this.#notByUs(one) }));
    const sending = decided.flatMap(({ begun, instead }) =>
      instead === null && begun.destination !== null ? [{ begun, destination: begun.destination }] : [],
    );
    const admissions = await this.#admissions.ask(sending);
    const asked = clock.monotonic();
    const admitted = new Map(sending.map(({ begun }, index) => [begun, admissions[index] ?? null]));
    return decided.map((one) => {
      const { admission = null, entry = null } = admitted.get(one.begun) ?? {};
      return { ...one, admission, entry, asked, since, trusted };
    });
  }

  #notByUs({ destination }: Begun): Outcome | null {
    const known = destination === null || this.#deps.senders.has(destination.kind);
    return known ? null : { state: "FAILED", reason: "undeliverable" };
  }

  async #deliver(taken: Taken, traceparent: string | undefined, signal?: AbortSignal): Promise<void> {
    const { begun, instead, admission } = taken;
    const { claim, destination } = begun;
    if (instead !== null || destination === null) {
      const outcome = instead ?? { state: "FAILED", reason: "destination_disabled" };
      return this.#finish({ claim, outcome }, begun);
    }
    if (admission?.kind === "later") {
      const { because } = admission;
      const inMs = because === "concurrency" ? Math.max(LEAST_WAIT_MS, admission.inMs) : admission.inMs;
      return this.#postpone(begun, { inMs, because });
    }
    const entry = (await taken.entry) ?? { go: true };
    if (!entry.go) {
      const nothing = this.#admissions.report(begun, destination, { outcome: "none", durationMs: 0 });
      await Promise.all([this.#postpone(begun, { inMs: entry.inMs, because: "fairness" }), nothing]);
      return;
    }
    let durationMs: number | null = null;
    let known = false;
    try {
      const sent = await this.#send(taken, destination, traceparent, signal);
      known = true;
      durationMs = sent.kind === "sent" ? sent.result.durationMs : null;
      await this.#end(begun, destination, sent);
    } finally {
      this.#admissions.lanes.leave(destination.id, durationMs);
      if (!known) void this.#admissions.report(begun, destination, { outcome: "none", durationMs: 0 });
    }
  }

  async #postpone(
    begun: Begun,
    { inMs, because }: { readonly inMs: number; readonly because: Postponed },
  ): Promise<void> {
    const { claim } = begun;
    this.#deps.telemetry.note({ kind: "postponed", eventId: claim.eventId, because });
    return this.#finish({ claim, outcome: { state: "PENDING", inMs } }, begun);
  }

  /** The answer, unless no request was made: the lease could end under it, the worker stops, or it cannot be signed. */
  async #send(
    { begun, asked, since, trusted }: Taken,
    destination: Destination,
    traceparent: string | undefined,
    signal?: AbortSignal,
  ): Promise<Sent | NotSent> {
    const { clock, senders, rng, telemetry, failpoints } = this.#deps;
    const { event, claim } = begun;
    const { marginMs, leaseMs, troubleMs } = this.#options;
    const notSent: NotSent = { kind: "not_sent", inMs: 0 };
    let trustEnd = trusted;
    const sender = senders.get(destination.kind);
    if (sender === undefined || event.content === null) return notSent;
    if (destination.timeoutMs + marginMs > leaseMs / 2) {
      const from = clock.monotonic();
      const longer = destination.timeoutMs + leaseMs;
      if (await this.#extends.add({ claim, leaseMs: longer })) return notSent;
      trustEnd = from + longer;
    }
    if (signal?.aborted === true || clock.monotonic() + destination.timeoutMs + marginMs > trustEnd) return notSent;
    // Sent later than its place in the rate it would arrive among those of later places.
    if (destination.ratePerSecond !== null && clock.monotonic() - asked > PROMPT_MS) {
      telemetry.note({ kind: "postponed", eventId: event.id, because: "rate" });
      return { kind: "not_sent", inMs: PROMPT_MS + Math.ceil(rng.next() * A_SECOND_MS) };
    }

    await failpoints.at("http.before_write");
    const { id, tenant, dueAt } = event;
    const body = renderBody(event, event.content);
    const at = new Date(Math.floor(begun.now.getTime() + clock.monotonic() - since));
    const trace = traceOf(event.id, rng, traceparent);
    try {
      const result = await sender.send({
        ...{ id, tenant, attempt: begun.attemptNumber, dueAt, at, destination, body },
        traceparent: trace,
      });
      await failpoints.at("http.after_response");
      return { kind: "sent", result, at, traceparent: trace, latenessMs: Math.max(0, at.getTime() - dueAt.getTime()) };
    } catch (error) {
      if (!isAway(error)) throw error;
      telemetry.note({ kind: "trouble", where: "sender", error });
      // A key may come back, and may be lost for good: that must not go on for ever, nor unseen.
      const within = parseDuration(begun.schedule.retry.within) ?? 0;
      if (at.getTime() > dueAt.getTime() + within) return { kind: "not_sent", inMs: 0, failed: "undeliverable" };
      return { kind: "not_sent", inMs: troubleMs + Math.ceil(rng.next() * LONGEST_TROUBLE_MS) };
    }
  }

  /** One statement for all that want as long a lease. */
  async #extendAll(some: readonly Extended[]): Promise<readonly boolean[]> {
    const { events } = this.#deps;
    const lost = new Set<string>();
    for (const [leaseMs, group] of Map.groupBy(some, (one) => one.leaseMs)) {
      const claims = group.map(({ claim }) => claim);
      for (const claim of (await events.extend(claims, leaseMs)).lost) lost.add(claimKey(claim));
    }
    return some.map(({ claim }) => lost.has(claimKey(claim)));
  }

  async #end(begun: Begun, destination: Destination, sent: Sent | NotSent): Promise<void> {
    const { claim } = begun;
    if (sent.kind === "not_sent") {
      const { inMs, failed } = sent;
      const outcome: Outcome = failed === undefined ? { state: "PENDING", inMs } : { state: "FAILED", reason: failed };
      const nothing = this.#admissions.report(begun, destination, { outcome: "none", durationMs: 0 });
      await Promise.all([this.#finish({ claim, outcome }, begun), nothing]);
      return;
    }
    const { result, latenessMs } = sent;
    const meaning = meaningOf(result);
    if (meaning === "gone") await this.#admissions.disable(destination, "gone");
    const ending = {
      claim,
      outcome: outcomeOf(begun, destination, sent, this.#deps.rng.next()),
      attempt: attemptOf(begun, sent),
      latenessMs,
    };
    const { durationMs } = result;
    const report = { outcome: meaning === "transient" ? "failure" : "success", durationMs } as const;
    const finished = this.#finish(ending, begun, sent.traceparent);
    await Promise.all([finished, this.#admissions.report(begun, destination, report)]);
  }

  async #finish(ending: Ending, begun: Begun, traceparent = ""): Promise<void> {
    const { telemetry } = this.#deps;
    const { event, attemptNumber } = begun;
    const callback = callbackFor(ending, begun);
    const lost = await this.#finishes.finish(callback === null ? ending : { ...ending, callback });
    if (lost) return telemetry.note({ kind: "lost", eventId: event.id, at: "finish" });
    if (ending.outcome.state === "PENDING" || callback !== null) this.#stir();
    const { attempt, outcome, latenessMs = 0 } = ending;
    const { id: eventId, destinationId, scheduleId, dueAt } = event;
    if (attempt !== undefined) {
      const { startedAt: sentAt, durationMs, status, error } = attempt;
      const facts = { attempt: attemptNumber, latenessMs, durationMs, status, error, sentAt, traceparent };
      telemetry.note({ kind: "attempted", eventId, destinationId, ...facts });
    }
    if (outcome.state === "PENDING" || outcome.state === "PROCESSING") return;
    const reason = outcome.state === "COMPLETED" ? null : outcome.reason;
    telemetry.note({ kind: "finished", eventId, scheduleId, state: outcome.state, reason, dueAt });
  }

  #stir(): void {
    for (const resolve of this.#forLeftovers) resolve();
    this.#forLeftovers.clear();
  }
}

/** What became of the messages of a batch: begun, early by so much, or failed; the others were lost. */
interface Turn {
  /** On the monotonic clock. */
  readonly since: number;
  readonly taken: Map<string, Taken>;
  readonly early: ReadonlyMap<string, number>;
  /** What the store could not do for one of them, and not because it is away. */
  readonly failed: ReadonlyMap<string, unknown>;
}

/** An event that this worker has begun, and what was decided about it. */
interface Taken extends Asked {
  readonly begun: Begun;
  /** What becomes of it instead of a request. */
  readonly instead: Outcome | null;
  /** When, on the monotonic clock, its destination had been asked for a place. */
  readonly asked: number;
  /** When, on the monotonic clock, it had been begun. */
  readonly since: number;
  /** Until when, on the monotonic clock, the lease is surely ours. */
  readonly trusted: number;
}

interface Extended {
  readonly claim: ClaimRef;
  readonly leaseMs: number;
}

/** A request that was made. */
interface Sent extends Answered {
  readonly kind: "sent";
  readonly latenessMs: number;
  readonly traceparent: string;
}

interface NotSent {
  readonly kind: "not_sent";
  /** When to try again. */
  readonly inMs: number;
  /** Why that would be in vain. */
  readonly failed?: Reason;
}

function claimOf({ eventId, tenant, fence }: Message): ClaimRef {
  return { eventId, tenant, fence };
}
