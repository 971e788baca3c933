import { eventFrom, type ScheduledEvent } from "../../../src/events/event.js";
import { newEvent } from "../../../src/events/new-event.js";
import { parseTiming } from "../../../src/recurrence/parse-timing.js";
import { type Occurrence, Recurrence } from "../../../src/recurrence/recurrence.js";
import { IntlZoneRules } from "../../../src/recurrence/zones/intl-zone-rules.js";
import { type Schedule, SCHEDULE_DEFAULTS } from "../../../src/schedules/schedule.js";

export const recurrence = new Recurrence(new IntlZoneRules({ version: "2026a" }));

export const at = (text: string) => new Date(text.endsWith("Z") ? text : `${text}Z`);

/** A schedule in UTC, due at nine each day, with what a case says instead. */
export function aSchedule(timing: object = {}, given: Partial<Schedule> = {}): Schedule {
  return {
    ...SCHEDULE_DEFAULTS,
    id: "018f3c2e-7b1a-7c3d-9e4f-0123456789ab",
    tenant: "main",
    key: null,
    type: "report.due",
    timing: parseTiming({ timeZone: "UTC", when: { cron: "0 9 * * *" }, ...timing }, recurrence.zones),
    destinationId: "018f3c2e-7b1a-7c3d-9e4f-0123456789ff",
    onSuccess: null,
    onFailure: null,
    payload: "{}",
    lateness: null,
    labels: {},
    userId: null,
    status: "active",
    revision: 1,
    history: [],
    createdAt: at("2027-01-01T00:00"),
    updatedAt: at("2027-01-01T00:00"),
    ...given,
  };
}

/** The pending event of the schedule's first occurrence at or after a time, leading its series. */
export function anEvent(schedule: Schedule, from: string, given: Partial<ScheduledEvent> = {}): ScheduledEvent {
  const compiled = recurrence.of(schedule.timing);
  const occurrence = compiled.after(at(from).getTime() - 1);
  if (occurrence === null) throw new Error(`Nothing follows ${from}`);
  return { ...eventOf(schedule, occurrence), ...given };
}

export function eventOf(schedule: Schedule, occurrence: Occurrence): ScheduledEvent {
  const compiled = recurrence.of(schedule.timing);
  const event = newEvent(schedule, compiled, occurrence, { ordinal: 1, leads: true, tzdata: "2026a" });
  return eventFrom(event, schedule.createdAt);
}
