import { eventIdOf } from "../recurrence/occurrence.js";
import { formatWall } from "../recurrence/wall.js";
import type { CallbackOwner } from "../schedules/schedule.js";
import type { NewEvent, Reason, ScheduledEvent } from "./event.js";

/** How an event has ended, as far as a callback tells it. */
export interface Ended {
  readonly state: "COMPLETED" | "FAILED";
  readonly reason: Reason | null;
  /** Since it was created or last redriven. */
  readonly attempts: number;
  /** Of the last answer. */
  readonly status: number | null;
}

export const COMPLETED_TYPE = "punctual.event.completed";
export const FAILED_TYPE = "punctual.event.failed";

/** As much of an event as telling of its end takes. */
export type Told = Pick<
  ScheduledEvent,
  "id" | "tenant" | "scheduleId" | "type" | "origin" | "dueAt" | "redrives" | "tzdata"
>;

/**
 * The event that tells a third party how one has ended: stored in the transaction that ends it, and from then on an event
 * like any other, with attempts, retries and a record of its own. Nobody is told how a callback has ended.
 */
export function callbackOf(event: Told, owner: CallbackOwner, ended: Ended, now: Date): NewEvent | null {
  const completed = ended.state === "COMPLETED";
  const destinationId = completed ? owner.onSuccess : owner.onFailure;
  if (destinationId === null || event.origin === "callback") return null;
  const { id: eventId, tenant, scheduleId, redrives, tzdata } = event;
  const key = `callback/${redrives}`;
  const { state, reason, attempts, status } = ended;
  const dueAt = event.dueAt.toISOString();
  const data = { eventId, scheduleId, type: event.type, state, reason, dueAt, attempts, status };
  const type = completed ? COMPLETED_TYPE : FAILED_TYPE;
  return {
    // In the name space of the event itself: the same end is told once, however often it is written.
    id: eventIdOf(eventId, key),
    ...{ tenant, scheduleId, type, destinationId, origin: "callback", key, ordinal: 0, note: null, dueAt: now, tzdata },
    local: { dateTime: formatWall(now.getTime()), timeZone: "Etc/UTC", offset: "+00:00", fold: 0 },
    ...{ state: "PENDING", reason: null, leads: false, parked: false },
    content: { type, payload: JSON.stringify(data), subject: null },
  };
}
