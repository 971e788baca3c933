import { expect } from "chai";
import fc from "fast-check";
import { cpuOf } from "../input/support/cpu.js";
import { eventIdOf } from "../../src/recurrence/occurrence.js";
import { parseTiming } from "../../src/recurrence/parse-timing.js";
import { type PreviewEntry, previewOf } from "../../src/recurrence/preview.js";
import { Recurrence } from "../../src/recurrence/recurrence.js";
import { formatOffset, formatWall } from "../../src/recurrence/wall.js";
import { IntlZoneRules } from "../../src/recurrence/zones/intl-zone-rules.js";

const zones = new IntlZoneRules({ version: process.versions.tz ?? "" });
const recurrence = new Recurrence(zones);

function preview(input: object, after: string, count: number, scheduleId?: string): readonly PreviewEntry[] {
  const timing = parseTiming({ timeZone: "Europe/Berlin", ...input }, zones);
  const options = { after: Date.parse(after), count, ...(scheduleId !== undefined && { scheduleId }) };
  return previewOf(timing, recurrence, options);
}

/** `2027-03-28T03:30:00+02:00 gap`; what does not happen has no instant: `(2027-03-28T03:30:00+02:00) excluded`. */
function shown({ occurrence: { instant, offset }, dueAt, note }: PreviewEntry): string {
  const local = formatWall(instant + offset) + formatOffset(offset);
  expect(Date.parse(local)).to.equal(dueAt ?? instant);
  return `${dueAt === null ? `(${local})` : local}${note === null ? "" : ` ${note}`}`;
}

type Case = readonly [title: string, input: object, after: string, count: number, entries: readonly string[]];

const half = (time: string, more: object = {}) => ({ when: { cron: `30 ${time} * * *` }, ...more });
const rule = (more: object) => ({ when: { rrule: "FREQ=DAILY;COUNT=6", start: "2027-03-26T02:30", ...more } });
const leapling = (leapDay: string) => ({ when: { yearly: { month: 2, day: 29, time: "09:00" } }, leapDay });

const CASES: readonly Case[] = [
  [
    "02:30 in Berlin on 28 March 2027, shifted",
    half("2"),
    "2027-03-27T12:00:00Z",
    2,
    ["2027-03-28T03:30:00+02:00 gap", "2027-03-29T02:30:00+02:00"],
  ],
  [
    "02:30 in Berlin on 28 March 2027, at the boundary",
    half("2", { gap: "boundary" }),
    "2027-03-27T12:00:00Z",
    2,
    ["2027-03-28T03:00:00+02:00 gap", "2027-03-29T02:30:00+02:00"],
  ],
  [
    "02:30 in Berlin on 28 March 2027, skipped",
    half("2", { gap: "skip" }),
    "2027-03-27T12:00:00Z",
    2,
    ["(2027-03-28T03:30:00+02:00) excluded", "2027-03-29T02:30:00+02:00", "2027-03-30T02:30:00+02:00"],
  ],
  [
    "02:30 in Berlin on 31 October 2027, first",
    half("2"),
    "2027-10-30T12:00:00Z",
    2,
    ["2027-10-31T02:30:00+02:00 overlap", "2027-11-01T02:30:00+01:00"],
  ],
  [
    "02:30 in Berlin on 31 October 2027, second",
    half("2", { overlap: "second" }),
    "2027-10-30T12:00:00Z",
    2,
    ["2027-10-31T02:30:00+01:00 overlap", "2027-11-01T02:30:00+01:00"],
  ],
  [
    "02:30 in Berlin on 31 October 2027, both",
    half("2", { overlap: "both" }),
    "2027-10-30T12:00:00Z",
    3,
    ["2027-10-31T02:30:00+02:00 overlap", "2027-10-31T02:30:00+01:00 overlap", "2027-11-01T02:30:00+01:00"],
  ],
  [
    "exceptions between",
    rule({ exdates: ["2027-03-27T02:30", "2027-03-28T02:30:00"] }),
    "2027-01-01T00:00:00Z",
    2,
    [
      "2027-03-26T02:30:00+01:00",
      "(2027-03-27T02:30:00+01:00) excluded",
      "(2027-03-28T03:30:00+02:00) excluded",
      "2027-03-29T02:30:00+02:00",
    ],
  ],
  [
    "exceptions in front and behind",
    rule({ exdates: ["2027-03-26T02:30", "2027-03-30T02:30", "2027-03-31T02:30", "2030-01-01T00:00"] }),
    "2027-01-01T00:00:00Z",
    10,
    [
      "(2027-03-26T02:30:00+01:00) excluded",
      "2027-03-27T02:30:00+01:00",
      "2027-03-28T03:30:00+02:00 gap",
      "2027-03-29T02:30:00+02:00",
      "(2027-03-30T02:30:00+02:00) excluded",
      "(2027-03-31T02:30:00+02:00) excluded",
    ],
  ],
  [
    "an addition that is an exception too",
    rule({ rdates: ["2027-03-26T12:00"], exdates: ["2027-03-26T12:00"] }),
    "2027-01-01T00:00:00Z",
    2,
    ["2027-03-26T02:30:00+01:00", "(2027-03-26T12:00:00+01:00) excluded", "2027-03-27T02:30:00+01:00"],
  ],
  [
    "leap days on 28 February",
    leapling("feb28"),
    "2027-01-01T00:00:00Z",
    2,
    ["2027-02-28T09:00:00+01:00 leap_day", "2028-02-29T09:00:00+01:00"],
  ],
  [
    "leap days that are skipped",
    leapling("skip"),
    "2027-01-01T00:00:00Z",
    2,
    [
      "(2027-02-28T09:00:00+01:00) excluded",
      "2028-02-29T09:00:00+01:00",
      "(2029-02-28T09:00:00+01:00) excluded",
      "(2030-02-28T09:00:00+01:00) excluded",
      "(2031-02-28T09:00:00+01:00) excluded",
      "2032-02-29T09:00:00+01:00",
    ],
  ],
  [
    "a day that Samoa skipped",
    { timeZone: "Pacific/Apia", when: { yearly: { month: 12, day: 30, time: "09:00" } }, gap: "skip" },
    "2010-01-01T00:00:00Z",
    2,
    ["2010-12-30T09:00:00-10:00", "(2011-12-31T09:00:00+14:00) excluded", "2012-12-30T09:00:00+14:00"],
  ],
  ["nothing of what has ended", { when: { at: "2027-03-14T09:00" } }, "2027-03-14T08:00:00Z", 10, []],
  ["nothing of nothing", half("2"), "2027-03-14T08:00:00Z", 0, []],
];

describe("previewOf", () => {
  for (const [title, input, after, count, entries] of CASES) {
    it(`shows ${title}`, () => expect(preview(input, after, count).map(shown)).to.deep.equal(entries));
  }

  it("shows 01:30 in New York on 7 November 2027 at one instant, whether asked in January or in July", () => {
    for (const [overlap, instant] of [
      ["first", "2027-11-07T05:30:00.000Z"],
      ["second", "2027-11-07T06:30:00.000Z"],
    ]) {
      for (const when of [
        { at: "2027-11-07T01:30" },
        { cron: "30 1 7 11 *" },
        { yearly: { month: 11, day: 7, time: "01:30" } },
      ]) {
        for (const after of ["2027-01-15T12:00:00Z", "2027-07-15T12:00:00Z", "2027-11-07T05:00:00Z"]) {
          const [entry] = preview({ timeZone: "America/New_York", when, overlap }, after, 1);
          expect(new Date(entry?.dueAt ?? 0).toISOString()).to.equal(instant);
          expect(entry?.note).to.equal("overlap");
        }
      }
    }
  });

  it("shows a saved schedule's spread, as its events have it", () => {
    const id = "018f3c2e-7b1a-7c3d-9e4f-0123456789ab";
    const input = { when: { cron: "0 9 * * *" }, spread: "PT1H" };
    const compiled = recurrence.of(parseTiming({ timeZone: "Europe/Berlin", ...input }, zones));
    for (const { occurrence, dueAt } of preview(input, "2027-03-14T00:00:00Z", 20, id)) {
      expect(dueAt).to.equal(compiled.dueAt(id, occurrence));
      expect(eventIdOf(id, occurrence.key)).to.match(/^[0-9a-f-]{36}$/);
    }
  });

  it("is what the scheduler would do, one by one", () => {
    const input = fc.record({
      timeZone: fc.constantFrom("Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"),
      when: fc.constantFrom<object>(
        { cron: "*/20 * * * *" },
        { cron: "30 0,2 * * *" },
        { yearly: { month: 2, day: 29, time: "09:00" } },
        { rrule: "FREQ=DAILY", start: "2027-01-01T02:30", exdates: ["2027-03-28T02:30", "2027-10-31T02:30"] },
        { every: "PT50M", start: "2027-01-01T00:00" },
      ),
      gap: fc.constantFrom("shift", "boundary", "skip"),
      overlap: fc.constantFrom("first", "second", "both"),
      leapDay: fc.constantFrom("feb28", "mar1", "skip"),
    });
    const after = fc.integer({ min: Date.UTC(2027, 0, 1) / 1_000, max: Date.UTC(2029, 0, 1) / 1_000 });
    fc.assert(
      fc.property(input, after, fc.integer({ min: 1, max: 60 }), (input, after, count) => {
        const compiled = recurrence.of(parseTiming(input, zones));
        const entries = preview(input, new Date(after * 1_000).toISOString(), count);
        const happening = entries.filter((entry) => entry.dueAt !== null);
        expect(happening).to.have.length(count);
        let cursor = after * 1_000;
        for (const { occurrence } of happening) {
          expect(occurrence).to.deep.equal(compiled.after(cursor));
          cursor = occurrence.instant;
        }
        entries.forEach(({ occurrence, note }, index) => {
          if (index > 0) expect(occurrence.instant).to.be.greaterThan(entries[index - 1]!.occurrence.instant);
          if (note === "excluded") expect(compiled.find(occurrence.key)).to.equal(null);
        });
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it("shows the first 50 of a long row of exceptions", () => {
    const exdates = Array.from({ length: 900 }, (_, day) =>
      new Date(Date.UTC(2027, 0, 2 + day, 9)).toISOString().slice(0, 19),
    );
    const entries = preview(
      { when: { rrule: "FREQ=DAILY", start: "2027-01-01T09:00", exdates } },
      "2027-01-01T00:00:00Z",
      2,
    );
    expect(entries.map((entry) => entry.note).filter((note) => note === "excluded")).to.have.length(50);
    expect(entries.at(-1)?.occurrence.key).to.equal("2029-06-20T09:00:00/0");
  });

  it("is quick about a thousand occurrences with a thousand exceptions between", () => {
    const exdates = Array.from({ length: 1_000 }, (_, day) =>
      new Date(Date.UTC(2027, 0, 2 + 2 * day, 9)).toISOString().slice(0, 19),
    );
    const input = { when: { rrule: "FREQ=DAILY", start: "2027-01-01T09:00", exdates } };
    let entries: readonly PreviewEntry[] = [];
    const cpu = cpuOf(() => (entries = preview(input, "2027-01-01T00:00:00Z", 1_000)), 100);
    expect(cpu).to.be.lessThan(100);
    expect(entries).to.have.length(1_999);
  });

  it("is quick about a thousand added dates of a rule that never comes back", () => {
    const start = "2027-01-01T09:00:00";
    for (const step of [86_400_000, 7 * 86_400_000, 365 * 86_400_000]) {
      const rdates = Array.from({ length: 1_000 }, (_, nth) =>
        new Date(Date.parse(`${start}Z`) + nth * step).toISOString().slice(0, 19),
      );
      const when = { rrule: "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTHDAY=1", start, rdates };
      let entries: readonly PreviewEntry[] = [];
      const cpu = cpuOf(() => (entries = preview({ when }, "2026-01-01T00:00:00Z", 1_000)), 250);
      expect(cpu, `${step} ms apart`).to.be.lessThan(250);
      expect(entries).to.have.length(1_000);
    }
  });

  it("is quick about a thousand leap days, and shows a thousand of the years between", () => {
    let entries: readonly PreviewEntry[] = [];
    const cpu = cpuOf(() => (entries = preview(leapling("skip"), "2027-01-01T00:00:00Z", 1_000)), 200);
    expect(cpu).to.be.lessThan(200);
    expect(entries.filter(({ dueAt }) => dueAt !== null)).to.have.length(1_000);
    expect(entries).to.have.length(2_000);
  });
});
