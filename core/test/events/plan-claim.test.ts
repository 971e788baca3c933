import { expect } from "chai";
import type { ScheduledEvent } from "../../src/events/event.js";
import { claimPlanner, PLAN_DEFAULTS, type PlanOptions } from "../../src/events/plan-claim.js";
import type { ClaimPlan } from "../../src/ports/event-store.js";
import type { Schedule } from "../../src/schedules/schedule.js";
import { anEvent, aSchedule, at, recurrence } from "./support/examples.js";

interface Given {
  readonly timing?: object;
  readonly schedule?: Partial<Schedule>;
  readonly event?: Partial<ScheduledEvent>;
  /** From where on the first occurrence is the event's. */
  readonly from?: string;
  readonly now?: string;
  readonly othersRunning?: boolean;
  readonly options?: Partial<PlanOptions>;
}

function planFor(given: Given): ClaimPlan {
  const { from = "2027-03-14T09:00", now = from, othersRunning = false } = given;
  const schedule = aSchedule(given.timing, given.schedule);
  const event = anEvent(schedule, from, given.event);
  const plan = claimPlanner(recurrence, { ...PLAN_DEFAULTS, ...given.options });
  const due = { event, schedule, othersRunning };
  const { verdict, successors, following } = plan(due, at(now));
  // A store may ask more than once.
  expect(plan(due, at(now))).to.deep.include({ verdict, successors });
  return { verdict, successors, ...(following !== undefined && { following }) };
}

/** `take; 15 PENDING leads`, `skip missed; 15 SKIPPED missed, 16 PENDING leads`: each successor by its day or time. */
function shown({ verdict, successors }: ClaimPlan, part: "day" | "time" = "day"): string {
  const reason =
    "reason" in verdict ? ` ${verdict.reason}` : "until" in verdict ? ` ${verdict.until.toISOString()}` : "";
  const added = successors.map(({ local, state, reason, leads }) => {
    const when = part === "day" ? local.dateTime.slice(8, 10) : local.dateTime.slice(11, 16);
    return [when, state, reason, leads ? "leads" : null].filter((word) => word !== null).join(" ");
  });
  return `${verdict.kind}${reason}; ${added.join(", ")}`.trim().replace(/;$/, "");
}

type Case = readonly [title: string, given: Given, plan: string];

const minutely = { when: { cron: "* * * * *" } };
const once = { when: { at: "2027-03-14T09:00" } };
const latest = (within?: string) => ({
  catchUp: { policy: "latest", ...(within !== undefined && { within }) } as const,
});
const every = (within?: string) => ({ catchUp: { policy: "all", ...(within !== undefined && { within }) } as const });
const none = { catchUp: { policy: "none" } as const };
const oneHour = { lateness: { max: "PT1H", then: "skip" } as const };
const tried = { attempt: 1, leads: false, fence: 1, firstAttemptAt: at("2027-03-14T09:00") };

const IN_TIME: readonly Case[] = [
  ["takes the leader and adds its successor", {}, "take; 15 PENDING leads"],
  ["takes one that does not lead, and adds nothing (I4)", { event: { leads: false } }, "take"],
  ["adds the successor of one claimed ahead of its time", { now: "2027-03-14T08:59:30" }, "take; 15 PENDING leads"],
  ["takes one that is late by five minutes", { now: "2027-03-14T09:05:00" }, "take; 15 PENDING leads"],
  ["takes the only one", { timing: once }, "take"],
  ["adds nothing behind the last of a count", { timing: { count: 3 }, event: { ordinal: 3 } }, "take"],
  ["adds the last of a count", { timing: { count: 3 }, event: { ordinal: 2 } }, "take; 15 PENDING leads"],
  ["adds nothing behind `until`", { timing: { until: "2027-03-14T23:00" } }, "take"],
];

const PAUSED: readonly Case[] = [
  ["parks what is due while paused", { schedule: { status: "paused" } }, "park"],
  ["parks a retry too", { schedule: { status: "paused" }, event: tried }, "park"],
  ["parks what was asked for by hand", { schedule: { status: "paused" }, event: { origin: "manual" } }, "park"],
  ["cancels what a deleted schedule left", { schedule: { status: "deleted" } }, "cancel schedule_deleted"],
  ["cancels its retries too", { schedule: { status: "deleted" }, event: tried }, "cancel schedule_deleted"],
];

const RUNNING: readonly Case[] = [
  ["starts beside the one before", { othersRunning: true }, "take; 15 PENDING leads"],
  ["starts where `skip` finds nothing running", { schedule: { ifRunning: "skip" } }, "take; 15 PENDING leads"],
  [
    "skips, and the series goes on (I5)",
    { schedule: { ifRunning: "skip" }, othersRunning: true },
    "skip previous_still_running; 15 PENDING leads",
  ],
  [
    "waits, and is planned when it need not any more",
    { schedule: { ifRunning: "wait" }, othersRunning: true },
    "wait 2027-03-14T09:00:05.000Z",
  ],
  ["goes on when the wait is over", { schedule: { ifRunning: "wait" } }, "take; 15 PENDING leads"],
  [
    "has missed nothing while it waited",
    {
      schedule: { ifRunning: "wait", ...none },
      event: { wakeAt: at("2027-03-14T12:00") },
      now: "2027-03-14T12:00",
    },
    "take; 15 PENDING leads",
  ],
  [
    "lets a retry through, whatever runs",
    { schedule: { ifRunning: "wait" }, othersRunning: true, event: tried },
    "take",
  ],
];

const BY_HAND: readonly Case[] = [
  [
    "takes what was asked for by hand",
    { event: { origin: "manual", leads: false, key: "manual/1", ordinal: 0 } },
    "take",
  ],
  [
    "takes it however late, and beside whatever runs",
    {
      event: { origin: "manual", leads: false, key: "manual/1", ordinal: 0 },
      schedule: { ...none, ...oneHour, ifRunning: "skip" },
      othersRunning: true,
      now: "2027-03-20T09:00",
    },
    "take",
  ],
  [
    "takes one that a hand has moved, however late",
    { event: { pinned: true, leads: false }, schedule: none, now: "2027-03-20T09:00" },
    "take",
  ],
  [
    "takes one that was redriven before an outage",
    {
      event: { redrives: 1, leads: false, fence: 12, wakeAt: at("2027-03-15T09:00") },
      schedule: none,
      now: "2027-03-20T09:00",
    },
    "take",
  ],
  [
    "takes one that was redriven, days after it failed",
    {
      event: { redrives: 1, leads: false, fence: 12, wakeAt: at("2027-03-20T09:00") },
      schedule: none,
      now: "2027-03-20T09:00",
    },
    "take",
  ],
];

const RETRIES: readonly Case[] = [
  ["takes a retry and adds nothing", { event: tried, now: "2027-03-14T09:20" }, "take"],
  ["takes a retry days later, without catching up", { event: tried, schedule: none, now: "2027-03-14T20:00" }, "take"],
  ["fails one without attempts left", { event: { ...tried, attempt: 12 } }, "fail attempts_exhausted"],
  ["fails one that has more attempts than it may", { event: { ...tried, attempt: 13 } }, "fail attempts_exhausted"],
  ["takes the last attempt", { event: { ...tried, attempt: 11 } }, "take"],
  ["takes one within its lateness", { event: tried, schedule: oneHour, now: "2027-03-14T10:00" }, "take"],
  [
    "fails one that is too late by now",
    { event: tried, schedule: oneHour, now: "2027-03-14T10:00:01" },
    "fail out_of_time",
  ],
];

const LATE: readonly Case[] = [
  ["takes at the very end of the lateness", { schedule: oneHour, now: "2027-03-14T10:00" }, "take; 15 PENDING leads"],
  [
    "skips behind it, and the series goes on",
    { schedule: oneHour, now: "2027-03-14T10:00:01" },
    "skip too_late; 15 PENDING leads",
  ],
  [
    "skips the latest of a long outage too if it is too late",
    { schedule: oneHour, now: "2027-03-17T20:00" },
    "skip missed; 15 SKIPPED missed, 16 SKIPPED missed, 17 PENDING leads",
  ],
];

const DAILY: readonly Case[] = [
  ["latest, missed once", { now: "2027-03-14T20:00", schedule: latest() }, "take; 15 PENDING leads"],
  [
    "latest, missed thrice",
    { now: "2027-03-16T20:00", schedule: latest() },
    "skip missed; 15 SKIPPED missed, 16 PENDING leads",
  ],
  [
    "latest, the third one being due just now",
    { now: "2027-03-16T09:00", schedule: latest() },
    "skip missed; 15 SKIPPED missed, 16 PENDING leads",
  ],
  [
    "latest, the next one being due just now",
    { now: "2027-03-15T09:00", schedule: latest() },
    "skip missed; 15 PENDING leads",
  ],
  [
    "latest, the next one not being due yet",
    { now: "2027-03-15T08:59:59", schedule: latest() },
    "take; 15 PENDING leads",
  ],
  ["latest within its time", { now: "2027-03-14T20:00", schedule: latest("PT12H") }, "take; 15 PENDING leads"],
  ["latest behind its time", { now: "2027-03-14T22:00", schedule: latest("PT12H") }, "skip missed; 15 PENDING leads"],
  [
    "latest behind its time after days",
    { now: "2027-03-16T22:00", schedule: latest("PT12H") },
    "skip missed; 15 SKIPPED missed, 16 SKIPPED missed, 17 PENDING leads",
  ],
  ["all, missed thrice", { now: "2027-03-16T20:00", schedule: every() }, "take; 15 PENDING leads"],
  ["all, too old", { now: "2027-03-16T20:00", schedule: every("P1D") }, "skip missed; 15 PENDING leads"],
  ["all, just young enough", { now: "2027-03-15T09:00", schedule: every("P1D") }, "take; 15 PENDING leads"],
  ["none, missed once", { now: "2027-03-14T20:00", schedule: none }, "skip missed; 15 PENDING leads"],
  [
    "none, missed thrice",
    { now: "2027-03-16T20:00", schedule: none },
    "skip missed; 15 SKIPPED missed, 16 SKIPPED missed, 17 PENDING leads",
  ],
  ["none, back in time for the next", { now: "2027-03-15T09:02", schedule: none }, "skip missed; 15 PENDING leads"],
  ["none, within five minutes", { now: "2027-03-14T09:05", schedule: none }, "take; 15 PENDING leads"],
  ["none, a second more", { now: "2027-03-14T09:05:01", schedule: none }, "skip missed; 15 PENDING leads"],
  [
    "latest, the last of a count",
    { timing: { count: 2 }, now: "2027-03-20T20:00", schedule: latest() },
    "skip missed; 15 PENDING leads",
  ],
  [
    "none, to the end of a count",
    { timing: { count: 3 }, now: "2027-03-20T20:00", schedule: none },
    "skip missed; 15 SKIPPED missed, 16 SKIPPED missed",
  ],
  [
    "latest, to the end of the bounds",
    { timing: { until: "2027-03-16T12:00" }, now: "2027-03-20T20:00", schedule: latest() },
    "skip missed; 15 SKIPPED missed, 16 PENDING leads",
  ],
];

const ONCE: readonly Case[] = [
  ["latest", { timing: once, now: "2027-04-20T09:00", schedule: latest() }, "take"],
  ["latest within its time", { timing: once, now: "2027-03-14T20:00", schedule: latest("P1D") }, "take"],
  ["latest behind its time", { timing: once, now: "2027-04-20T09:00", schedule: latest("P1D") }, "skip missed"],
  ["all", { timing: once, now: "2027-04-20T09:00", schedule: every() }, "take"],
  ["all behind its time", { timing: once, now: "2027-04-20T09:00", schedule: every("P1D") }, "skip missed"],
  ["none", { timing: once, now: "2027-03-14T09:10", schedule: none }, "skip missed"],
];

const WAITED: readonly Case[] = [
  [
    "sends what waited for its destination longer than anyone would miss it",
    {
      event: { leads: false, fence: 3, wakeAt: at("2027-03-14T10:00") },
      schedule: none,
      now: "2027-03-14T10:00:02",
    },
    "take",
  ],
  [
    "sends what a dead worker held, as soon as its lease ends",
    { event: { leads: false, fence: 1, wakeAt: at("2027-03-14T09:10") }, schedule: none, now: "2027-03-14T09:10:01" },
    "take",
  ],
  [
    "skips what a dead worker held if a later one is due after the outage",
    { event: { leads: false, fence: 1, wakeAt: at("2027-03-14T09:10") }, schedule: latest(), now: "2027-03-16T12:00" },
    "skip missed",
  ],
  [
    "sends it if it is the latest still",
    { event: { leads: false, fence: 1, wakeAt: at("2027-03-14T09:10") }, schedule: latest(), now: "2027-03-15T08:00" },
    "take",
  ],
];

const TABLES: Readonly<Record<string, readonly Case[]>> = {
  "an event in time": IN_TIME,
  "a schedule that is not active": PAUSED,
  "an event while others run": RUNNING,
  "an event by hand": BY_HAND,
  "an event tried before": RETRIES,
  "an event with a lateness": LATE,
  "a daily event missed": DAILY,
  "a single event missed": ONCE,
  "an event that waited": WAITED,
};

describe("claimPlanner", () => {
  for (const [what, cases] of Object.entries(TABLES)) {
    describe(`of ${what}`, () => {
      for (const [title, given, plan] of cases) it(title, () => expect(shown(planFor(given))).to.equal(plan));
    });
  }

  describe("of a minutely event missed", () => {
    const times = (given: Given) => shown(planFor({ timing: minutely, ...given }), "time");

    it("sends the latest alone, and records the others", () => {
      expect(times({ now: "2027-03-14T09:06:30", schedule: latest() })).to.equal(
        "skip missed; 09:01 SKIPPED missed, 09:02 SKIPPED missed, 09:03 SKIPPED missed, 09:04 SKIPPED missed, " +
          "09:05 SKIPPED missed, 09:06 PENDING leads",
      );
    });

    it("sends those that are still young under none", () => {
      expect(times({ now: "2027-03-14T09:06:30", schedule: none })).to.equal(
        "skip missed; 09:01 SKIPPED missed, 09:02 PENDING leads",
      );
    });

    it("takes them one by one under all", () => {
      expect(times({ now: "2027-03-14T19:00:30", schedule: every() })).to.equal("take; 09:01 PENDING leads");
    });

    it("looks five minutes back within none of it", () => {
      expect(times({ now: "2027-03-14T09:04:59", schedule: latest() })).to.equal("take; 09:01 PENDING leads");
    });

    for (const policy of [latest(), none, latest("PT1H")]) {
      it(`records 40 days in portions, under ${JSON.stringify(policy.catchUp)}`, () => {
        const now = "2027-04-23T09:00:30";
        const schedule = aSchedule(minutely, policy);
        const plan = claimPlanner(recurrence);
        let event = anEvent(schedule, "2027-03-14T09:00");
        let [claims, skipped, taken] = [0, 0, 0];
        const keys = new Set<string>([event.key]);
        for (;;) {
          const { verdict, successors } = plan({ event, schedule, othersRunning: false }, at(now));
          claims++;
          expect(successors.length).to.be.within(1, PLAN_DEFAULTS.mostPlanned);
          expect(successors.filter((one) => one.leads)).to.have.length(1);
          for (const one of successors) expect(keys.size).to.be.lessThan(keys.add(one.key).size);
          if (verdict.kind === "take") taken++;
          skipped += (verdict.kind === "skip" ? 1 : 0) + successors.filter((one) => one.state === "SKIPPED").length;
          const leader = successors.at(-1)!;
          expect(leader).to.include({ state: "PENDING", leads: true });
          event = { ...event, ...leader, state: "PENDING", wakeAt: leader.dueAt };
          if (leader.dueAt > at(now)) break;
        }
        // From the first to now are 57,601 minutes.
        expect(skipped + taken).to.equal(57_601);
        expect(taken).to.equal(policy === none ? 5 : 1);
        expect(claims).to.be.at.most(58 + 6);
      });
    }

    it("adds no more than it may, and always makes way", () => {
      for (const mostPlanned of [1, 2, 10]) {
        const plan = planFor({
          timing: minutely,
          now: "2027-03-14T19:00:30",
          schedule: none,
          options: { mostPlanned },
        });
        expect(plan.successors).to.have.length(mostPlanned);
        expect(plan.successors.at(-1)).to.include({ state: "PENDING", leads: true });
      }
    });

    it("counts what it records", () => {
      const { successors } = planFor({
        timing: { ...minutely, count: 5 },
        now: "2027-03-14T19:00:30",
        schedule: none,
      });
      expect(successors.map((one) => one.ordinal)).to.deep.equal([2, 3, 4, 5]);
      expect(successors.every((one) => one.state === "SKIPPED")).to.equal(true);
    });
  });

  it("tells what follows a leader that is there already", () => {
    const { successors, following } = planFor({ timing: { count: 3 } });
    const third = following?.(successors[0]!);
    // The place of the one that is there counts once: three are three.
    expect(third).to.include({ key: "2027-03-16T09:00:00/0", ordinal: 2, leads: true });
    expect(following?.(third!)).to.include({ key: "2027-03-17T09:00:00/0", ordinal: 2 });
  });

  it("plans successors by the rule, with their place, zone data and spread", () => {
    const { successors } = planFor({ timing: { timeZone: "Europe/Berlin", spread: "PT1H" }, from: "2027-03-27T00:00" });
    const [next] = successors;
    expect(next).to.include({
      key: "2027-03-28T09:00:00/0",
      ordinal: 2,
      tzdata: "2026a",
      origin: "rule",
      parked: false,
    });
    expect(next?.local).to.deep.equal({
      dateTime: "2027-03-28T09:00:00",
      timeZone: "Europe/Berlin",
      offset: "+02:00",
      fold: 0,
    });
    expect(next?.dueAt.getTime()).to.be.within(at("2027-03-28T07:00").getTime(), at("2027-03-28T08:00").getTime() - 1);
  });
});
