import { decideDelivery } from "../events/decide-delivery.js";
import type { Attempt } from "../events/event.js";
import { claimKey } from "../events/life-cycle.js";
import { renderBody } from "../events/render.js";
import { decideRetry, meaningOf, parseRetryAfter } from "../events/retry.js";
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
 *   1. begin, in the store: whoever has a stale or second message finds nothing to take, and no two workers send at once;
 *   2. look once more at event, schedule and destination (I7), and wait until it is due (I8);
 *   3. send, while the lease is surely still ours;
 *   4. finish, in the store, with the attempt;
 *   5. acknowledge the message. A crash anywhere before leaves the event to the end of its lease (I2).
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

  /** A verdict for each message, in their order. */
  handle(messages: readonly Message[], signal?: AbortSignal): readonly Promise<MessageVerdict>[] {
    const beginning = this.#begin(messages);
    return messages.map(async (_, index): Promise<MessageVerdict> => {
      try {
        const taken = (await beginning)[index];
        if (taken === undefined || taken === null) return ACK;
        await this.#deliver(taken, signal);
        await this.#deps.failpoints.at("ack.before");
        return ACK;
      } catch (error) {
        this.#deps.telemetry.note({ kind: "trouble", where: "deliver", error });
        return { kind: "retry", inMs: this.#options.troubleMs };
      }
    });
  }

  /** Takes over what the messages name, and asks for places at the destinations: one statement each for all of them. */
  async #begin(messages: readonly Message[]): Promise<readonly (Taken | null)[]> {
    const { events, gate, clock, telemetry, failpoints } = this.#deps;
    const { leaseMs } = this.#options;
    await failpoints.at("consume.after_receive");
    const trusted = clock.monotonic() + leaseMs;
    const claims = messages.map(({ eventId, tenant, fence }) => ({ eventId, tenant, fence }));
    const { begun, lost } = await events.begin(claims, leaseMs);
    const since = clock.monotonic();
    for (const claim of lost) telemetry.note({ kind: "lost", eventId: claim.eventId, at: "begin" });
    await failpoints.at("attempt.after_begin");

    const decided = begun.map((one) => ({ begun: one, instead: decideDelivery(one) ?? this.#notByUs(one) }));
    const sending = decided.flatMap(({ begun, instead }) =>
      instead === null && begun.destination !== null ? [{ begun, destination: begun.destination }] : [],
    );
    const admissions = await gate.admit(
      sending.map(({ begun: { event }, destination: { id, ratePerSecond, concurrency, timeoutMs } }) => ({
        destinationId: id,
        eventId: event.id,
        ratePerSecond,
        concurrency,
        leaseMs: timeoutMs + leaseMs,
      })),
    );
    const admitted = new Map(sending.map(({ begun }, index) => [begun, admissions[index]]));
    const taken = new Map<string, Taken>(
      decided.map(({ begun, instead }) => [
        claimKey(begun.claim),
        { begun, instead, admission: admitted.get(begun) ?? null, since, trusted },
      ]),
    );
    return claims.map((claim) => {
      const one = taken.get(claimKey(claim)) ?? null;
      taken.delete(claimKey(claim)); // a second message of the same batch finds nothing
      return one;
    });
  }

  #notByUs({ event, destination, now }: Begun): Outcome | null {
    const { senders } = this.#deps;
    if (destination !== null && !senders.has(destination.kind)) return { state: "FAILED", reason: "undeliverable" };
    const wait = event.dueAt.getTime() - now.getTime();
    return wait > this.#options.holdMs ? { state: "PENDING", inMs: wait } : null;
  }

  async #deliver(taken: Taken, signal?: AbortSignal): Promise<void> {
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
    const result = await this.#send(taken, destination, signal);
    if (result === null) {
      await this.#report(begun, destination, "none");
      // What was held for its time goes back until then: nothing is claimed before it is due (I8).
      const held = this.#deps.clock.monotonic() - taken.since;
      const wait = begun.event.dueAt.getTime() - begun.now.getTime() - held;
      return this.#finish({ claim, outcome: { state: "PENDING", inMs: Math.max(0, Math.ceil(wait)) } }, begun);
    }
    const meaning = meaningOf(result);
    await this.#report(begun, destination, meaning === "transient" ? "failure" : "success");
    if (meaning === "gone") await this.#disable(destination, "gone");
    const latenessMs = Math.max(0, (begun.event.firstAttemptAt ?? begun.now).getTime() - begun.event.dueAt.getTime());
    await this.#finish(
      { claim, outcome: this.#outcome(begun, result), attempt: attemptOf(begun, result), latenessMs },
      begun,
    );
  }

  /** The answer; null when no request was made, because the lease could end under it or the worker stops. */
  async #send({ begun, trusted }: Taken, destination: Destination, signal?: AbortSignal): Promise<SendResult | null> {
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
    const wait = event.dueAt.getTime() - begun.now.getTime();
    if (wait > 0) await clock.sleep(wait, signal);
    if (signal?.aborted === true || clock.monotonic() + destination.timeoutMs + marginMs > trustEnd) return null;

    await failpoints.at("http.before_write");
    const { id, tenant, dueAt } = event;
    const body = renderBody(event, event.content);
    const result = await sender.send({ id, tenant, attempt: begun.attemptNumber, dueAt, destination, body });
    await failpoints.at("http.after_response");
    return result;
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
          lateness: schedule.lateness,
          dueAt: event.dueAt,
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
    const changes = await gate.report([{ destinationId: destination.id, eventId: begun.event.id, outcome }]);
    for (const { destinationId, breaker, failingTooLong } of changes) {
      telemetry.note({ kind: "breaker", destinationId, state: breaker });
      if (failingTooLong) await this.#disable(destination, "failing");
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

function attemptOf({ attemptNumber }: Begun, result: SendResult): Attempt {
  const { startedAt, durationMs, status, error, responseExcerpt } = result;
  return { number: attemptNumber, startedAt, durationMs, status, error, responseExcerpt };
}
