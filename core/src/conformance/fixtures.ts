import { type Destination, DESTINATION_DEFAULTS } from "../destinations/destination.js";
import type { Attempt, NewEvent } from "../events/event.js";
import type { Begun } from "../ports/event-store.js";
import { eventIdOf, wallKey } from "../recurrence/occurrence.js";
import { TIMING_DEFAULTS } from "../recurrence/timing.js";
import { formatWall } from "../recurrence/wall.js";
import { type Schedule, SCHEDULE_DEFAULTS } from "../schedules/schedule.js";
import type { User } from "../users/user.js";

/** Things with nothing special about them, but for what a case says. */

export const TENANT = "main";

let lastId = 0;

/** A UUID that is greater than all before it. */
export function anId(): string {
  return `00000000-0000-7000-8000-${(++lastId).toString(16).padStart(12, "0")}`;
}

const made = { tenant: TENANT, revision: 1, createdAt: new Date("2026-01-02T03:04:05.678Z") };

export function aDestination(given: Partial<Destination> = {}): Destination {
  const id = given.id ?? anId();
  return {
    ...DESTINATION_DEFAULTS,
    ...made,
    id,
    url: `https://receiver.example/${id}`,
    headers: {},
    ratePerSecond: null,
    concurrency: null,
    ackWithinMs: null,
    secrets: [],
    enabled: true,
    disabledBecause: null,
    inline: false,
    updatedAt: made.createdAt,
    ...given,
  };
}

export function aSchedule(given: Partial<Schedule> & Pick<Schedule, "destinationId">): Schedule {
  const timing = { ...TIMING_DEFAULTS, timeZone: "Etc/UTC", when: { cron: "* * * * * *" } };
  return {
    ...SCHEDULE_DEFAULTS,
    ...made,
    id: anId(),
    key: null,
    type: "report.due",
    timing,
    // Its spaces and its 1.0 tell whether the text is kept or only what it means.
    payload: '{ "version": 1.0 }',
    onSuccess: null,
    onFailure: null,
    lateness: null,
    labels: {},
    userId: null,
    status: "active",
    history: [{ timing, first: null, ordinal: 1 }],
    updatedAt: made.createdAt,
    ...given,
  };
}

export function anEvent(schedule: Schedule, dueAt: Date, given: Partial<NewEvent> = {}): NewEvent {
  const key = given.key ?? wallKey({ wall: dueAt.getTime(), fold: 0 });
  return {
    id: eventIdOf(schedule.id, key),
    tenant: schedule.tenant,
    scheduleId: schedule.id,
    type: schedule.type,
    destinationId: schedule.destinationId,
    origin: "rule",
    key,
    ordinal: 1,
    local: { dateTime: formatWall(dueAt.getTime()), timeZone: "Etc/UTC", offset: "+00:00", fold: 0 },
    note: null,
    dueAt,
    tzdata: "2026a",
    state: "PENDING",
    reason: null,
    leads: false,
    parked: false,
    ...given,
  };
}

export function aUser(given: Partial<User> & Pick<User, "scheduleId">): User {
  return {
    ...made,
    id: anId(),
    firstName: "Ada",
    lastName: "Lovelace",
    dateOfBirth: "1990-12-10",
    timezone: "Europe/London",
    updatedAt: made.createdAt,
    ...given,
  };
}

/** What a worker reports of the attempt that it began. */
export function anAttempt(begun: Begun, given: Partial<Attempt> = {}): Attempt {
  const { attemptNumber: number, now: startedAt } = begun;
  const answer = { status: 200, error: null, detail: null, timings: null, responseExcerpt: "thanks" };
  return { number, startedAt, durationMs: 25, ...answer, ...given };
}
