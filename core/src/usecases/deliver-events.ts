import { decideDelivery } from "../events/decide-delivery.js";
import type { Attempt } from "../events/event.js";
import { claimKey, type ClaimRef } from "../events/life-cycle.js";
import { renderBody } from "../events/render.js";
import { decideRetry, latestSend, meaningOf, parseRetryAfter } from "../events/retry.js";
import type { Destination } from "../destinations/destination.js";
import type { Clock } from "../ports/clock.js";
import type { Admission, DestinationGate, GateResult } from "../ports/destination-gate.js";
import type { Begun, Ending, EventStore, Outcome } from "../ports/event-store.js";
import type { Failpoints } from "../ports/failpoints.js";
import type { Rng } from "../ports/rng.js";
import type { Sender, SendResult } from "../ports/sender.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { Message, MessageVerdict } from "../ports/transport.js";
import type { DisableDestination } from "./disable-destination.js";
import { FinishQueue } from "./finish-queue.js";

export interface DeliverEventsDeps {
  readonly events: EventStore;
  readonly senders: ReadonlyMap<string, Sender>;
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
}

export const DELIVER_DEFAULTS: DeliverOptions = {
  leaseMs: 30_000,
  marginMs: 2_000,
  holdMs: 5_000,
  flushMs: 5,
  finishBatch: 500,
  troubleMs: 2_000,
};

const ACK: MessageVerdict = { kind: "ack" };

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

  constructor(deps: DeliverEventsDeps, options: DeliverOptions = DELIVER_DEFAULTS) {
    this.#deps = deps;
    this.#options = options;
    this.#finishes = new FinishQueue(deps.events, deps.clock, {
      flushMs: options.flushMs,
      maxBatch: options.finishBatch,
    });
  }

  /** How early an event may come here and still be sent on time. */
  get holdMs(): number {
    return this.#options.holdMs;
  }

  /** A verdict for each message, in their order. */
  handle(messages: readonly Message[], signal?: AbortSignal): readonly Promise<MessageVerdict>[] {
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

  /** Begins those that were early by so much, when their time has come; all of them together. */
  async #beginLater(messages: readonly Message[], turn: Turn, inMs: number, signal?: AbortSignal): Promise<Turn> {
    const { clock } = this.#deps;
    const wait = inMs - (clock.monotonic() - turn.since);
    if (wait > 0) await clock.sleep(wait, signal);
    if (signal?.aborted === true) return turn;
    return this.#begin(messages.filter((message) => turn.early.get(claimKey(message)) === inMs));
  }

  /** Takes over what the messages name, and asks for places at the destinations: one statement each for all of them. */
  async #begin(messages: readonly Message[]): Promise<Turn> {
    const { events, clock, telemetry, failpoints } = this.#deps;
    const { leaseMs } = this.#options;
    await failpoints.at("consume.after_receive");
    const trusted = clock.monotonic() + leaseMs;
    const { begun, lost, early } = await events.begin(messages.map(claimOf), leaseMs);
    const since = clock.monotonic();
    for (const claim of lost) telemetry.note({ kind: "lost", eventId: claim.eventId, at: "begin" });
    await failpoints.at("attempt.after_begin");

    const decided = begun.map((one) => ({ begun: one, instead: decideDelivery(one) ?? this.#notByUs(one) }));
    const sending = decided.flatMap(({ begun, instead }) => (instead === null ? [begun] : []));
    const admissions = await this.#admit(sending);
    const admitted = new Map(sending.map((begun, index) => [begun, admissions[index] ?? null]));
    const taken = decided.map(({ begun, instead }) => {
      const one: Taken = { begun, instead, admission: admitted.get(begun) ?? null, since, trusted };
      return [claimKey(begun.claim), one] as const;
    });
    return { since, taken: new Map(taken), early: new Map(early.map(({ claim, inMs }) => [claimKey(claim), inMs])) };
  }

  async #admit(sending: readonly Begun[]): Promise<readonly Admission[]> {
    const { gate, telemetry } = this.#deps;
    const { leaseMs, troubleMs } = this.#options;
    const requests = sending.flatMap(({ event, destination }) => {
      if (destination === null) return [];
      const { id: destinationId, ratePerSecond, concurrency, timeoutMs } = destination;
      return [{ destinationId, eventId: event.id, ratePerSecond, concurrency, leaseMs: timeoutMs + leaseMs }];
    });
    try {
      return await gate.admit(requests);
    } catch (error) {
      telemetry.note({ kind: "trouble", where: "gate.admit", error });
      return sending.map(() => ({ kind: "later", inMs: troubleMs, because: "breaker" }));
    }
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
      this.#deps.telemetry.note({ kind: "postponed", eventId: claim.eventId, because: admission.because });
      return this.#finish({ claim, outcome: { state: "PENDING", inMs: admission.inMs } }, begun);
    }
    const sent = await this.#send(taken, destination, traceparent, signal);
    if (sent === null) {
      await this.#finish({ claim, outcome: { state: "PENDING", inMs: 0 } }, begun);
      return this.#report(begun, destination, "none");
    }
    const { result, latenessMs } = sent;
    const meaning = meaningOf(result);
    if (meaning === "gone") await this.#disable(destination, "gone");
    const attempt = attemptOf(begun, result);
    await this.#finish({ claim, outcome: this.#outcome(begun, result), attempt, latenessMs }, begun);
    await this.#report(begun, destination, meaning === "transient" ? "failure" : "success");
  }

  /** The answer; null when no request was made, because the lease could end under it or the worker stops. */
  async #send(
    { begun, since, trusted }: Taken,
    destination: Destination,
    traceparent: string | undefined,
    signal?: AbortSignal,
  ): Promise<{ readonly result: SendResult; readonly latenessMs: number } | null> {
    const { clock, events, senders, failpoints } = this.#deps;
    const { event, claim } = begun;
    const { marginMs, leaseMs } = this.#options;
    let trustEnd = trusted;
    const sender = senders.get(destination.kind);
    if (sender === undefined || event.content === null) return null;
    if (destination.timeoutMs + marginMs > leaseMs / 2) {
      const from = clock.monotonic();
      const longer = destination.timeoutMs + leaseMs;
      if ((await events.extend([claim], longer)).lost.length > 0) return null;
      trustEnd = from + longer;
    }
    if (signal?.aborted === true || clock.monotonic() + destination.timeoutMs + marginMs > trustEnd) return null;

    await failpoints.at("http.before_write");
    const { id, tenant, dueAt } = event;
    const body = renderBody(event, event.content);
    const sentAt = begun.now.getTime() + clock.monotonic() - since;
    const result = await sender.send({
      ...{ id, tenant, attempt: begun.attemptNumber, dueAt, destination, body },
      ...(traceparent !== undefined && { traceparent }),
    });
    await failpoints.at("http.after_response");
    return { result, latenessMs: Math.max(0, Math.round(sentAt - dueAt.getTime())) };
  }

  #outcome(begun: Begun, result: SendResult): Outcome {
    const { event, schedule, now } = begun;
    switch (meaningOf(result)) {
      case "success":
        return { state: "COMPLETED" };
      case "gone":
        return { state: "FAILED", reason: "gone" };
      case "permanent":
        return { state: "FAILED", reason: "rejected" };
      case "transient": {
        const finishedAt = new Date(now.getTime() + result.durationMs);
        const decision = decideRetry({
          policy: schedule.retry,
          latestSend: latestSend(schedule.lateness, event),
          firstAttemptAt: event.firstAttemptAt ?? now,
          attempt: event.attempt,
          now: finishedAt,
          retryAfterMs: parseRetryAfter(result.retryAfter, finishedAt),
          chance: this.#deps.rng.next(),
        });
        return decision.again
          ? { state: "PENDING", inMs: decision.inMs }
          : { state: "FAILED", reason: decision.reason };
      }
    }
  }

  async #finish(ending: Ending, { event, attemptNumber }: Begun): Promise<void> {
    const { telemetry } = this.#deps;
    const lost = await this.#finishes.finish(ending);
    if (lost) return telemetry.note({ kind: "lost", eventId: event.id, at: "finish" });
    const { attempt, outcome, latenessMs = 0 } = ending;
    if (attempt !== undefined) {
      const { durationMs, status, error } = attempt;
      const { id: eventId, destinationId } = event;
      const number = attemptNumber;
      telemetry.note({
        kind: "attempted",
        eventId,
        destinationId,
        attempt: number,
        latenessMs,
        durationMs,
        status,
        error,
      });
    }
    if (outcome.state === "PENDING") return;
    const reason = outcome.state === "COMPLETED" ? null : outcome.reason;
    telemetry.note({ kind: "finished", eventId: event.id, scheduleId: event.scheduleId, state: outcome.state, reason });
  }

  async #report(begun: Begun, destination: Destination, outcome: GateResult["outcome"]): Promise<void> {
    const { gate, telemetry } = this.#deps;
    try {
      const changes = await gate.report([{ destinationId: destination.id, eventId: begun.event.id, outcome }]);
      for (const { destinationId, breaker, failingTooLong } of changes) {
        telemetry.note({ kind: "breaker", destinationId, state: breaker });
        if (failingTooLong) await this.#disable(destination, "failing");
      }
    } catch (error) {
      // The event has ended; a place that was not given back is free again when its lease ends.
      telemetry.note({ kind: "trouble", where: "gate.report", error });
    }
  }

  async #disable(destination: Destination, because: "gone" | "failing"): Promise<void> {
    const { disableDestination, telemetry } = this.#deps;
    const { tenant, id } = destination;
    try {
      await disableDestination.run({ tenant, id, because, actor: "system" });
      telemetry.note({ kind: "destination_disabled", destinationId: id, because });
    } catch (error) {
      // The event itself must still end; the next one will find the destination as bad as this one did.
      telemetry.note({ kind: "trouble", where: "disable destination", error });
    }
  }
}

/** What became of the messages of a batch: begun, or early by so much; the others were lost. */
interface Turn {
  /** On the monotonic clock. */
  readonly since: number;
  readonly taken: Map<string, Taken>;
  readonly early: ReadonlyMap<string, number>;
}

/** An event that this worker has begun, and what was decided about it. */
interface Taken {
  readonly begun: Begun;
  /** What becomes of it instead of a request. */
  readonly instead: Outcome | null;
  readonly admission: Admission | null;
  /** When, on the monotonic clock, it had been begun. */
  readonly since: number;
  /** Until when, on the monotonic clock, the lease is surely ours. */
  readonly trusted: number;
}

function claimOf({ eventId, tenant, fence }: Message): ClaimRef {
  return { eventId, tenant, fence };
}

function attemptOf({ attemptNumber }: Begun, result: SendResult): Attempt {
  const { startedAt, durationMs, status, error, responseExcerpt } = result;
  return { number: attemptNumber, startedAt, durationMs, status, error, responseExcerpt };
}
