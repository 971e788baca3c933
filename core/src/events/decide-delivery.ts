import type { Begun, Outcome } from "../ports/event-store.js";
import { latestSend } from "./retry.js";

/**
 * The last look before the request (I7): event, schedule and destination as they are now, read together with the begin.
 * Null is: send it. Whatever else it is, no request is made.
 */
export function decideDelivery({ event, schedule, destination, now }: Begun): Outcome | null {
  // How an event has ended is told, whatever became of its schedule since.
  if (event.origin !== "callback") {
    if (schedule.status === "deleted") return { state: "CANCELLED", reason: "schedule_deleted" };
    if (schedule.status === "paused") return { state: "PENDING", inMs: null };
  }
  if (destination === null || !destination.enabled) return { state: "FAILED", reason: "destination_disabled" };
  if (event.attempt > schedule.retry.maxAttempts) return { state: "FAILED", reason: "attempts_exhausted" };
  if (now.getTime() > latestSend(schedule.lateness, event)) {
    return event.attempt > 1 ? { state: "FAILED", reason: "out_of_time" } : { state: "SKIPPED", reason: "too_late" };
  }
  return null;
}
