import { expect } from "chai";
import type { ScheduledEvent } from "../../src/events/event.js";
import { begun, claimed, finished } from "../../src/events/life-cycle.js";
import { type Replan, replan, wallOf } from "../../src/events/replan.js";
import type { Schedule } from "../../src/schedules/schedule.js";
import { anEvent, aSchedule, at, recurrence } from "./support/examples.js";

interface Edit {
  readonly before: object;
  readonly after: object;
  readonly now: string;
  /** From where on the first occurrence is the open event; the one before it is settled, unless `settled` says else. */
  readonly open?: string;
  readonly event?: Partial<ScheduledEvent>;
  readonly settled?: string | null;
  readonly schedule?: Partial<Schedule>;
  readonly timingChanged?: boolean;
}

interface Edited extends Replan {
  readonly leader: ScheduledEvent | null;
  readonly settled: ScheduledEvent | null;
}

function edit(given: Edit): Edited {
  const old = aSchedule(given.before, given.schedule);
  const compiled = recurrence.of(old.timing);
  const settled = settledOf(old, given);
  const after = settled === null ? -Infinity : compiled.instantOf(settled.key);
  const from = given.open ?? (after === -Infinity ? given.now : new Date(after + 1).toISOString());
  const more = { ordinal: (settled?.ordinal ?? 0) + 1, ...given.event };
  const leader = compiled.after(at(from).getTime() - 1) === null ? null : anEvent(old, from, more);
  const next = aSchedule(given.after, given.schedule);
  const first = leader === null ? null : leader.key;
  const plan = replan({
    schedule: { ...next, history: [{ timing: next.timing, first, ordinal: 1 }] },
    compiled: recurrence.of(next.timing),
    tzdata: "2026a",
    now: at(given.now),
    open: leader === null ? [] : [leader],
    timingChanged: given.timingChanged ?? true,
    settled: settled === null ? [] : [settled, settled],
    taken: new Set(),
  });
  return { ...plan, leader, settled };
}

function settledOf(schedule: Schedule, { settled, now }: Edit): ScheduledEvent | null {
  if (settled === null) return null;
  const last = recurrence.of(schedule.timing).before(at(settled ?? now).getTime() + 1);
  if (last === null) return null;
  const event = anEvent(schedule, new Date(last.instant).toISOString(), { ordinal: 7 });
  const { dueAt, type, destinationId } = event;
  const content = { type, payload: "{}", subject: null };
  return finished(begun(claimed(event, dueAt), dueAt, dueAt, { content, destinationId }), "COMPLETED", dueAt, null);
}

/** What became of the open event, and what was added: `withdrawn; 2027-03-15T10:00:00+00:00 #8 leads`. */
function shown({ leader, replaced, withdrawn, added }: Edited): string {
  const moved = replaced.find((event) => event.id === leader?.id);
  const local = (event: Pick<ScheduledEvent, "local">) => event.local.dateTime + event.local.offset;
  const fate =
    leader === null
      ? "nothing"
      : withdrawn.includes(leader.id)
        ? "withdrawn"
        : moved === undefined
          ? "kept"
          : moved.state === "SKIPPED"
            ? `skipped ${moved.reason}`
            : `moved to ${local(moved)}`;
  const adds = added.map((one) => ` ${local(one)} #${one.ordinal}${one.leads ? " leads" : ""}`);
  return [fate, ...adds].join(";");
}

const daily = (time: string, timeZone = "UTC") => {
  const [hour, minute] = time.split(":").map(Number);
  return { timeZone, when: { cron: `${minute} ${hour} * * *` } };
};
const birthday = (timeZone: string, time = "09:00") => ({ timeZone, when: { yearly: { month: 3, day: 14, time } } });
const cron = (cron: string, more: object = {}) => ({ when: { cron }, ...more });
const every = (every: string, more: object = {}) => ({ when: { every, start: "2027-01-01T00:00:00Z" }, ...more });

type Case = readonly [title: string, edit: Edit, result: string];

const MOVES: readonly Case[] = [
  [
    "greets no second time who moves west on the birthday",
    { before: birthday("America/New_York"), after: birthday("America/Los_Angeles"), now: "2027-03-14T13:05" },
    "moved to 2028-03-14T09:00:00-07:00",
  ],
  [
    "nor who moves west over the date line",
    { before: birthday("Pacific/Auckland"), after: birthday("Pacific/Honolulu"), now: "2027-03-14T00:00" },
    "moved to 2028-03-14T09:00:00-10:00",
  ],
  [
    "greets who moves west before it",
    {
      before: birthday("America/New_York"),
      after: birthday("America/Los_Angeles"),
      now: "2027-03-14T12:55",
    },
    "moved to 2027-03-14T09:00:00-07:00",
  ],
  [
    "still greets who moves east on the birthday's morning",
    { before: birthday("America/New_York"), after: birthday("Europe/Berlin"), now: "2027-03-14T11:00" },
    "moved to 2027-03-14T09:00:00+01:00",
  ],
  [
    "greets no second time who moves east after it",
    { before: birthday("America/New_York"), after: birthday("Asia/Tokyo"), now: "2027-03-14T20:00" },
    "moved to 2028-03-14T09:00:00+09:00",
  ],
  [
    "greets at another time on the same day who was not greeted yet",
    { before: birthday("UTC"), after: birthday("UTC", "18:00"), now: "2027-03-14T08:00" },
    "withdrawn; 2027-03-14T18:00:00+00:00 #8 leads",
  ],
  [
    "follows a corrected date of birth",
    {
      before: birthday("UTC"),
      after: { timeZone: "UTC", when: { yearly: { month: 6, day: 1, time: "09:00" } } },
      now: "2027-01-01T00:00",
    },
    "withdrawn; 2027-06-01T09:00:00+00:00 #8 leads",
  ],
];

const TIMES: readonly Case[] = [
  [
    "waits until tomorrow when nine becomes ten at noon",
    { before: daily("09:00"), after: daily("10:00"), now: "2027-03-14T12:00" },
    "withdrawn; 2027-03-15T10:00:00+00:00 #8 leads",
  ],
  [
    "goes on at ten today when nine becomes ten at half past nine",
    { before: daily("09:00"), after: daily("10:00"), now: "2027-03-14T09:30" },
    "withdrawn; 2027-03-14T10:00:00+00:00 #8 leads",
  ],
  [
    "goes on tomorrow when nine becomes eight at half past nine",
    { before: daily("09:00"), after: daily("08:00"), now: "2027-03-14T09:30" },
    "withdrawn; 2027-03-15T08:00:00+00:00 #8 leads",
  ],
  [
    "starts tomorrow when weekly becomes daily",
    { before: cron("0 9 * * MON"), after: cron("0 9 * * *"), now: "2027-03-15T12:00" },
    "withdrawn; 2027-03-16T09:00:00+00:00 #8 leads",
  ],
  [
    "keeps the event where daily becomes weekly and tomorrow is the day",
    { before: cron("0 9 * * *"), after: cron("0 9 * * MON"), now: "2027-03-14T12:00" },
    "kept",
  ],
  [
    "waits for the day where it is not",
    { before: cron("0 9 * * *"), after: cron("0 9 * * WED"), now: "2027-03-14T12:00" },
    "withdrawn; 2027-03-17T09:00:00+00:00 #8 leads",
  ],
  [
    "starts anew where nothing was settled",
    { before: daily("09:00"), after: daily("10:00"), now: "2027-03-14T08:00", settled: null },
    "withdrawn; 2027-03-14T10:00:00+00:00 #1 leads",
  ],
  [
    "moves nothing when nothing changed",
    { before: daily("09:00", "Europe/Berlin"), after: daily("09:00", "Europe/Berlin"), now: "2027-03-14T12:00" },
    "kept",
  ],
  [
    "moves nothing when the overlap's policy changed far from an overlap",
    { before: daily("09:00"), after: { ...daily("09:00"), overlap: "both" }, now: "2027-03-14T12:00" },
    "kept",
  ],
  [
    "keeps the moment itself where its form changed",
    {
      before: { when: { at: "2027-06-01T09:00" } },
      after: { when: { cron: "0 9 1 6 *" } },
      now: "2027-03-14T12:00",
      settled: null,
    },
    "kept",
  ],
  [
    "changes to steps behind the last event",
    { before: cron("0 * * * *"), after: every("PT25M"), now: "2027-03-14T12:05" },
    "withdrawn; 2027-03-14T12:25:00+00:00 #8 leads",
  ],
  [
    "changes the length of steps",
    { before: every("PT1H"), after: every("PT10M"), now: "2027-03-14T12:05" },
    "withdrawn; 2027-03-14T12:10:00+00:00 #8 leads",
  ],
  [
    "keeps a step that both lengths have",
    { before: every("PT1H"), after: every("PT2H"), now: "2027-03-14T11:05" },
    "kept",
  ],
  [
    "ends where the new rule has ended",
    { before: daily("09:00"), after: { ...daily("09:00"), until: "2027-03-14T10:00" }, now: "2027-03-14T12:00" },
    "withdrawn",
  ],
  [
    "goes on where a rule that had ended is made longer",
    {
      before: { ...daily("09:00"), until: "2027-03-14T10:00" },
      after: daily("09:00"),
      now: "2027-03-20T12:00",
    },
    "nothing; 2027-03-21T09:00:00+00:00 #8 leads",
  ],
];

const OVERDUE: readonly Case[] = [
  [
    "leaves what is overdue and still wanted",
    {
      before: daily("09:00"),
      after: { ...daily("09:00"), gap: "skip" },
      now: "2027-03-14T12:00",
      settled: "2027-03-13T12:00",
    },
    "kept",
  ],
  [
    "records what is overdue and not wanted any more",
    { before: daily("09:00"), after: daily("15:00"), now: "2027-03-14T12:00", settled: "2027-03-13T12:00" },
    "skipped schedule_changed; 2027-03-14T15:00:00+00:00 #9 leads",
  ],
  [
    "records it on another day too",
    { before: daily("09:00"), after: cron("0 9 * * WED"), now: "2027-03-14T12:00", settled: "2027-03-13T12:00" },
    "skipped schedule_changed; 2027-03-17T09:00:00+00:00 #9 leads",
  ],
];

const SPREAD: readonly Case[] = [
  [
    "keeps an event between its occurrence and the end of its spread",
    {
      before: { ...daily("09:00"), spread: "PT8H" },
      after: { ...daily("09:00"), spread: "PT8H", overlap: "both" },
      now: "2027-03-14T09:00:01",
      settled: "2027-03-13T12:00",
    },
    "kept",
  ],
  [
    "moves an event to its place in a new spread",
    {
      before: daily("09:00"),
      after: { ...daily("09:00"), spread: "PT1S" },
      now: "2027-03-14T12:00",
    },
    "moved to 2027-03-15T09:00:00+00:00",
  ],
];

const COUNTS: readonly Case[] = [
  [
    "adds nothing where the new count is reached",
    { before: daily("09:00"), after: { ...daily("10:00"), count: 7 }, now: "2027-03-14T12:00" },
    "withdrawn",
  ],
  [
    "adds the last of the new count",
    { before: daily("09:00"), after: { ...daily("10:00"), count: 8 }, now: "2027-03-14T12:00" },
    "withdrawn; 2027-03-15T10:00:00+00:00 #8 leads",
  ],
  [
    "takes back the event that a lower count has not",
    { before: { ...daily("09:00"), count: 20 }, after: { ...daily("09:00"), count: 7 }, now: "2027-03-14T12:00" },
    "withdrawn",
  ],
  [
    "keeps the last that a lower count has",
    { before: { ...daily("09:00"), count: 20 }, after: { ...daily("09:00"), count: 8 }, now: "2027-03-14T12:00" },
    "kept",
  ],
  [
    "goes on where a higher count has more",
    {
      before: { ...daily("09:00"), until: "2027-03-14T10:00", count: 7 },
      after: { ...daily("09:00"), count: 9 },
      now: "2027-03-14T12:00",
    },
    "nothing; 2027-03-15T09:00:00+00:00 #8 leads",
  ],
];

const TABLES: Readonly<Record<string, readonly Case[]>> = {
  "moves to another zone": MOVES,
  "happens at another time": TIMES,
  "is edited while an event is overdue": OVERDUE,
  "has a spread": SPREAD,
  "is counted": COUNTS,
};

describe("replan", () => {
  for (const [what, cases] of Object.entries(TABLES)) {
    describe(`where a schedule ${what}`, () => {
      for (const [title, given, result] of cases) {
        it(title, () => {
          const plan = edit(given);
          expect(shown(plan)).to.equal(result);
          const leading = [...plan.replaced, ...plan.added].filter((event) => event.leads);
          expect(leading).to.have.length.at.most(1);
          for (const { key } of plan.added) {
            if (plan.settled === null || !key.includes("/")) continue;
            // On the wall clock strictly after what was settled.
            expect(key > plan.settled.key, `${key} after ${plan.settled.key}`).to.equal(true);
          }
        });
      }
    });
  }

  it("says where the new series goes on", () => {
    const first = (given: Edit) => edit(given).first;
    expect(first({ before: daily("09:00"), after: daily("10:00"), now: "2027-03-14T12:00" })).to.equal(
      "2027-03-15T10:00:00/0",
    );
    expect(first({ before: daily("09:00"), after: daily("09:00"), now: "2027-03-14T12:00" })).to.equal(
      "2027-03-15T09:00:00/0",
    );
    const ended = { ...daily("09:00"), until: "2027-03-14T10:00" };
    expect(first({ before: daily("09:00"), after: ended, now: "2027-03-14T12:00" })).to.equal(null);
  });

  it("moves an event whole: instant, local time, note and wake time, and its id stays", () => {
    const { replaced, leader } = edit({
      before: birthday("America/New_York"),
      after: birthday("Europe/Berlin"),
      now: "2027-03-14T11:00",
    });
    const [moved] = replaced;
    expect(moved).to.include({
      id: leader?.id,
      key: leader?.key,
      ordinal: 8,
      leads: true,
      state: "PENDING",
      note: null,
    });
    expect(moved?.dueAt).to.deep.equal(at("2027-03-14T08:00"));
    expect(moved?.wakeAt).to.deep.equal(at("2027-03-14T08:00"));
    expect(moved?.local).to.deep.equal({
      dateTime: "2027-03-14T09:00:00",
      timeZone: "Europe/Berlin",
      offset: "+01:00",
      fold: 0,
    });
  });

  it("leaves events asleep while the schedule is paused", () => {
    const paused = { status: "paused" } as const;
    const moved = edit({
      before: birthday("America/New_York"),
      after: birthday("Europe/Berlin"),
      now: "2027-03-14T11:00",
      schedule: paused,
      event: { wakeAt: null },
    });
    expect(moved.replaced.map((event) => event.wakeAt)).to.deep.equal([null]);
    const added = edit({ before: daily("09:00"), after: daily("10:00"), now: "2027-03-14T12:00", schedule: paused });
    expect(added.added.map((event) => event.parked)).to.deep.equal([true]);
  });

  it("moves a claim that nobody has begun, and so voids it", () => {
    const { replaced } = edit({
      before: birthday("America/New_York"),
      after: birthday("America/Los_Angeles"),
      now: "2027-03-14T12:59:30",
      event: { state: "PROCESSING", fence: 3, leads: false, wakeAt: at("2027-03-14T13:01") },
    });
    expect(replaced[0]).to.include({ state: "PENDING", fence: 3 });
    expect(replaced[0]?.wakeAt).to.deep.equal(at("2027-03-14T16:00"));
  });

  it("changes nothing of the same rule on the same zone data, wherever it stands", () => {
    for (const now of ["2027-03-14T08:00", "2027-03-14T09:00", "2027-03-14T12:00"]) {
      const before = daily("09:00", "Europe/Berlin");
      const { replaced, withdrawn, added } = edit({ before, after: before, now, timingChanged: false });
      expect({ replaced, withdrawn, added }).to.deep.equal({ replaced: [], withdrawn: [], added: [] });
    }
  });

  it("is settled once it was carried out: a second time changes nothing", () => {
    const cases = [...MOVES, ...TIMES].map(([, given]) => given);
    for (const given of cases) {
      const plan = edit(given);
      const schedule = aSchedule(given.after);
      const [leader] = [...plan.replaced, ...plan.added].filter((event) => event.leads);
      const open = leader === undefined ? [] : [{ ...plan.leader!, ...leader, wakeAt: leader.dueAt } as ScheduledEvent];
      if (open.length === 0) continue;
      const again = replan({
        schedule,
        compiled: recurrence.of(schedule.timing),
        tzdata: "2026a",
        now: at(given.now),
        open,
        timingChanged: true,
        settled: plan.settled === null ? [] : [plan.settled],
        taken: new Set(),
      });
      const { replaced, withdrawn, added } = again;
      expect({ replaced, withdrawn, added }, JSON.stringify(given)).to.deep.equal({
        replaced: [],
        withdrawn: [],
        added: [],
      });
    }
  });
});

describe("wallOf", () => {
  it("is the name's local time, or the one that the clocks showed", () => {
    const schedule = aSchedule({ timeZone: "Europe/Berlin", when: { cron: "30 2 * * *" } });
    const gap = anEvent(schedule, "2027-03-28T00:00");
    expect(gap.local.dateTime).to.equal("2027-03-28T03:30:00");
    expect(new Date(wallOf(gap)).toISOString()).to.equal("2027-03-28T02:30:00.000Z");
    const step = anEvent(aSchedule({ timeZone: "Europe/Berlin", ...every("PT1H") }), "2027-03-28T00:00");
    expect(new Date(wallOf(step)).toISOString()).to.equal("2027-03-28T01:00:00.000Z");
  });
});
