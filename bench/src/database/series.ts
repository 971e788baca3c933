import { randomUUID } from "node:crypto";
import {
  eventIdOf,
  formatWall,
  localOf,
  localTimeOf,
  type NewEvent,
  parseTiming,
  Recurrence,
  type Timing,
  type ZoneRules,
} from "@punctual/core";

const ZONES = [
  ...["UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo"],
  ...["America/St_Johns", "America/Phoenix", "Africa/Cairo", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo"],
  ...["Australia/Sydney", "Pacific/Auckland"],
];
const MINUTE = 60_000;

/** A schedule that has one event, the first of its series. */
export interface Series {
  readonly scheduleId: string;
  readonly timing: Timing;
  readonly event: NewEvent;
}

export interface SeriesOptions {
  readonly count: number;
  /** How many of them go on, once a day; each of the others has the one event. */
  readonly recurring: number;
  /** The minute in which all are due: the recurring ones at its start, the others anywhere in it. */
  readonly minute: number;
  /** Of those that do not go on, the first being 0; left out, by chance. */
  readonly dueAt?: ((index: number) => number) | undefined;
  readonly destinationId: string;
}

/** Schedules in many zones with their first events, as the core itself makes them. The recurring ones lie among the others. */
export function makeSeries(options: SeriesOptions, zones: ZoneRules): Series[] {
  const { count, recurring, minute, destinationId } = options;
  const recurrence = new Recurrence(zones);
  const start = Math.floor(minute / MINUTE) * MINUTE;
  const { dueAt: dueOf = () => start + Math.floor(Math.random() * MINUTE) } = options;
  return Array.from({ length: count }, (_, index) => {
    const timeZone = ZONES[index % ZONES.length]!;
    const goesOn = Math.floor(((index + 1) * recurring) / count) > Math.floor((index * recurring) / count);
    const dueAt = goesOn ? start : dueOf(index);
    const local = formatWall(localOf(zones, timeZone, dueAt));
    const when = goesOn
      ? { cron: `${Number(local.slice(14, 16))} ${Number(local.slice(11, 13))} * * *` }
      : { at: local };
    const timing = parseTiming({ timeZone, when }, zones);
    return seriesOf(timing, dueAt, destinationId, recurrence);
  });
}

function seriesOf(timing: Timing, dueAt: number, destinationId: string, recurrence: Recurrence): Series {
  const scheduleId = randomUUID();
  const occurrence = recurrence.of(timing).after(dueAt - 1);
  if (occurrence?.instant !== dueAt) throw new Error(`${JSON.stringify(timing)} has no occurrence at ${dueAt}`);
  const event: NewEvent = {
    id: eventIdOf(scheduleId, occurrence.key),
    tenant: TENANT,
    scheduleId,
    type: TYPE,
    destinationId,
    origin: "rule",
    key: occurrence.key,
    ordinal: 1,
    local: localTimeOf(occurrence, timing.timeZone),
    note: occurrence.note,
    dueAt: new Date(dueAt),
    tzdata: recurrence.zones.version,
    state: "PENDING",
    reason: null,
    leads: true,
    parked: false,
  };
  return { scheduleId, timing, event };
}

export const TENANT = "main";
export const TYPE = "birthday.greeting";
