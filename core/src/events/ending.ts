import { activeSecrets, type Destination } from "../destinations/destination.js";
import type { Begun, Ending, Outcome } from "../ports/event-store.js";
import type { SendResult } from "../ports/sender.js";
import { callbackOf } from "./callback.js";
import type { Attempt, NewEvent } from "./event.js";
import { decideRetry, latestSend, meaningOf, parseRetryAfter } from "./retry.js";

/** An answer, or why there was none, to a request for an event that had begun. */
export interface Answered {
  readonly result: SendResult;
  /** When the request was made, by the store's clock. */
  readonly at: Date;
}

/** What becomes of the event. `chance` is from 0 up to 1. */
export function outcomeOf(
  { event, schedule, now }: Begun,
  destination: Destination,
  { result, at }: Answered,
  chance: number,
): Outcome {
  const { ackWithinMs } = destination;
  switch (meaningOf(result)) {
    case "success":
      // Without a secret nobody could say that it is done.
      if (result.status === 202 && ackWithinMs !== null && activeSecrets(destination, at).length > 0) {
        return { state: "PROCESSING", inMs: ackWithinMs };
      }
      return { state: "COMPLETED" };
    case "gone":
      return { state: "FAILED", reason: "gone" };
    case "permanent":
      return { state: "FAILED", reason: "rejected" };
    case "transient": {
      const finishedAt = new Date(at.getTime() + result.durationMs);
      const decision = decideRetry({
        policy: schedule.retry,
        latestSend: latestSend(schedule.lateness, event),
        firstAttemptAt: event.firstAttemptAt ?? now,
        attempt: event.attempt,
        now: finishedAt,
        retryAfterMs: parseRetryAfter(result.retryAfter, finishedAt),
        chance,
      });
      return decision.again ? { state: "PENDING", inMs: decision.inMs } : { state: "FAILED", reason: decision.reason };
    }
  }
}

/** The attempt as it goes on record. */
export function attemptOf({ attemptNumber: number }: Begun, { result, at: startedAt }: Answered): Attempt {
  const { durationMs, status, error, detail, timings, responseExcerpt } = result;
  return { number, startedAt, durationMs, status, error, detail, timings, responseExcerpt };
}

/** What tells others of this end, if it is one that they want to know of. */
export function callbackFor({ outcome, attempt }: Ending, { event, schedule, now }: Begun): NewEvent | null {
  if (outcome.state !== "COMPLETED" && outcome.state !== "FAILED") return null;
  const ended = {
    state: outcome.state,
    reason: outcome.state === "FAILED" ? outcome.reason : null,
    attempts: attempt === undefined ? event.attempt - 1 : event.attempt,
    status: attempt?.status ?? null,
  };
  const at = attempt === undefined ? now : new Date(attempt.startedAt.getTime() + Math.ceil(attempt.durationMs));
  return callbackOf(event, schedule, ended, at);
}
