import { expect } from "chai";
import { type Destination, DESTINATION_DEFAULTS } from "../../src/destinations/destination.js";
import { decideDelivery } from "../../src/events/decide-delivery.js";
import type { ScheduledEvent } from "../../src/events/event.js";
import type { Outcome } from "../../src/ports/event-store.js";
import type { Schedule } from "../../src/schedules/schedule.js";
import { anEvent, aSchedule, at } from "./support/examples.js";

interface Given {
  readonly schedule?: Partial<Schedule>;
  readonly event?: Partial<ScheduledEvent>;
  readonly destination?: Partial<Destination> | null;
  readonly now?: string;
}

function decide({ schedule: more, event: other, destination, now = "2027-03-14T09:00" }: Given): Outcome | null {
  const schedule = aSchedule({}, more);
  const event = anEvent(schedule, "2027-03-14T09:00", { state: "PROCESSING", fence: 1, attempt: 1, ...other });
  const { id, tenant, destinationId, createdAt, updatedAt } = schedule;
  const whole: Destination = {
    ...DESTINATION_DEFAULTS,
    ...{ id: destinationId, tenant, url: "https://example.com/", headers: {}, ratePerSecond: null, concurrency: null },
    ...{ ackWithinMs: null, secrets: [] },
    ...{ enabled: true, disabledBecause: null, inline: false, revision: 1, createdAt, updatedAt },
    ...destination,
  };
  return decideDelivery({
    claim: { eventId: event.id, tenant, fence: 1 },
    event: { ...event, scheduleId: id },
    schedule,
    destination: destination === null ? null : whole,
    attemptNumber: event.attempt,
    now: at(now),
  });
}

const oneHour = { lateness: { max: "PT1H", then: "skip" } as const };

const CASES: readonly (readonly [title: string, given: Given, outcome: Outcome | null])[] = [
  ["sends what is wanted still", {}, null],
  ["sends however late without a limit", { now: "2027-06-14T09:00" }, null],
  ["sends at the last moment that its lateness allows", { schedule: oneHour, now: "2027-03-14T10:00" }, null],
  [
    "skips what became too late on its way",
    { schedule: oneHour, now: "2027-03-14T10:00:01" },
    { state: "SKIPPED", reason: "too_late" },
  ],
  [
    "fails a retry that became too late",
    { schedule: oneHour, event: { attempt: 2 }, now: "2027-03-14T10:00:01" },
    { state: "FAILED", reason: "out_of_time" },
  ],
  ["waits for the resume of a paused schedule", { schedule: { status: "paused" } }, { state: "PENDING", inMs: null }],
  [
    "cancels for a deleted schedule",
    { schedule: { status: "deleted" } },
    { state: "CANCELLED", reason: "schedule_deleted" },
  ],
  [
    "fails for a disabled destination",
    { destination: { enabled: false } },
    { state: "FAILED", reason: "destination_disabled" },
  ],
  ["fails for a destination that is gone", { destination: null }, { state: "FAILED", reason: "destination_disabled" }],
  ["makes the last attempt", { event: { attempt: 12 } }, null],
  ["makes none beyond it", { event: { attempt: 13 } }, { state: "FAILED", reason: "attempts_exhausted" }],
  [
    "minds a number of attempts that was lowered meanwhile",
    { schedule: { retry: { maxAttempts: 1, within: "P1D", initial: "PT1S", cap: "PT1S" } }, event: { attempt: 2 } },
    { state: "FAILED", reason: "attempts_exhausted" },
  ],
  [
    "cancels before all else",
    { schedule: { status: "deleted", ...oneHour }, destination: null, event: { attempt: 13 }, now: "2027-06-14T09:00" },
    { state: "CANCELLED", reason: "schedule_deleted" },
  ],
  [
    "waits rather than fails while paused",
    { schedule: { status: "paused", ...oneHour }, destination: null, now: "2027-06-14T09:00" },
    { state: "PENDING", inMs: null },
  ],
];

describe("decideDelivery", () => {
  for (const [title, given, outcome] of CASES) it(title, () => expect(decide(given)).to.deep.equal(outcome));
});
