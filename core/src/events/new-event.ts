import { eventIdOf } from "../recurrence/occurrence.js";
import type { CompiledTiming, Occurrence } from "../recurrence/recurrence.js";
import type { SeriesOwner } from "../schedules/schedule.js";
import { localTimeOf, type NewEvent, type Reason } from "./event.js";

export interface NewEventOptions {
  readonly ordinal: number;
  readonly leads: boolean;
  readonly tzdata: string;
  readonly skipped?: Reason;
}

/** The event that an occurrence of a schedule becomes. */
export function newEvent(
  schedule: SeriesOwner,
  compiled: CompiledTiming,
  occurrence: Occurrence,
  options: NewEventOptions,
): NewEvent {
  return {
    id: eventIdOf(schedule.id, occurrence.key),
    tenant: schedule.tenant,
    scheduleId: schedule.id,
    type: schedule.type,
    destinationId: schedule.destinationId,
    origin: "rule",
    key: occurrence.key,
    ordinal: options.ordinal,
    local: localTimeOf(occurrence, compiled.timing.timeZone),
    note: occurrence.note,
    dueAt: new Date(compiled.dueAt(schedule.id, occurrence)),
    tzdata: options.tzdata,
    state: options.skipped === undefined ? "PENDING" : "SKIPPED",
    reason: options.skipped ?? null,
    leads: options.leads,
    parked: schedule.status === "paused",
  };
}

/** The first event of a new schedule; null when nothing of the series lies ahead. */
export function firstEvent(
  schedule: SeriesOwner,
  compiled: CompiledTiming,
  now: Date,
  tzdata: string,
): NewEvent | null {
  const occurrence = compiled.after(now.getTime());
  return occurrence === null ? null : newEvent(schedule, compiled, occurrence, { ordinal: 1, leads: true, tzdata });
}

/** The event that follows another one in its series; null when the series ends there. */
export function successorOf(
  event: Pick<NewEvent, "key" | "ordinal">,
  schedule: SeriesOwner,
  compiled: CompiledTiming,
  tzdata: string,
): NewEvent | null {
  const { count } = compiled.timing;
  if (count !== undefined && event.ordinal >= count) return null;
  const next = compiled.successor(event.key);
  return next === null ? null : newEvent(schedule, compiled, next, { ordinal: event.ordinal + 1, leads: true, tzdata });
}

/** What takes the place of an event that should come next and is there already, from before an edit: its place counts once. */
export function insteadOf(
  event: Pick<NewEvent, "key" | "ordinal">,
  schedule: SeriesOwner,
  compiled: CompiledTiming,
  tzdata: string,
): NewEvent | null {
  return successorOf({ key: event.key, ordinal: event.ordinal - 1 }, schedule, compiled, tzdata);
}
