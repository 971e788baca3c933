import { expect } from "chai";
import fc from "fast-check";
import type { ZoneRules, ZoneSpan } from "../../src/ports/zone-rules.js";
import { parseCron } from "../../src/recurrence/cron.js";
import type { LocalRule } from "../../src/recurrence/local-rule.js";
import { onceRule } from "../../src/recurrence/once.js";
import { type Gap, type Overlap, resolve } from "../../src/recurrence/resolve.js";
import { parseRRule } from "../../src/recurrence/rrule.js";
import { type Series, type SeriesMoment, ZonedSeries } from "../../src/recurrence/series.js";
import { StepSeries } from "../../src/recurrence/step-series.js";
import { DAY, formatWall, HOUR, MINUTE, parseWall, SECOND, wallOf } from "../../src/recurrence/wall.js";
import { cpuOf } from "../input/support/cpu.js";
import { yearlyRule } from "../../src/recurrence/yearly.js";
import { IntlZoneRules } from "../../src/recurrence/zones/intl-zone-rules.js";
import { TableZoneRules } from "../../src/recurrence/zones/table-zone-rules.js";

const intl = new IntlZoneRules({ version: process.versions.tz ?? "" });

const GAPS: readonly Gap[] = ["shift", "boundary", "skip"];
const OVERLAPS: readonly Overlap[] = ["first", "second", "both"];
const POLICIES = GAPS.flatMap((gap) => OVERLAPS.map((overlap) => ({ gap, overlap })));

/** Zones that each do something which others do not, with the years in which they do it. */
const ZONES: readonly (readonly [zone: string, ...years: number[]])[] = [
  ["UTC", 2027],
  ["Europe/Berlin", 2027, 2028],
  ["Europe/Dublin", 1971, 2027], // its winter time is the one that is saved
  ["Europe/London", 1972, 2027],
  ["Atlantic/Azores", 2026], // to and from UTC+0 at midnight
  ["America/New_York", 2027, 1974],
  ["America/St_Johns", 1988, 2007], // two hours once; changes at 00:01
  ["America/Havana", 2026], // no midnight
  ["America/Sao_Paulo", 2017], // likewise
  ["America/Asuncion", 2023],
  ["America/Santiago", 2026],
  ["America/Caracas", 2007, 2016], // half an hour
  ["America/Scoresbysund", 2024], // another zone and summer time at one stroke
  ["America/Vancouver", 2025],
  ["Australia/Lord_Howe", 2026, 1985], // half an hour
  ["Australia/Adelaide", 2026],
  ["Antarctica/Troll", 2026], // two hours
  ["Pacific/Apia", 2011, 2021], // no 30 December 2011
  ["Pacific/Kwajalein", 1993], // no 21 August 1993
  ["Pacific/Chatham", 2026],
  ["Africa/Cairo", 2026, 2014], // no midnight; four changes in 2014
  ["Africa/Casablanca", 2026], // Ramadan
  ["Africa/Monrovia", 1972], // by 44 minutes and 30 seconds
  ["Asia/Kathmandu", 1985, 2026], // by a quarter of an hour
  ["Asia/Beirut", 2026],
  ["Asia/Tehran", 2021],
  ["Asia/Gaza", 2026],
  ["Asia/Pyongyang", 2015, 2018],
];

const NEAR = 3 * DAY;

/** The instants at which the offset of a zone changes in a year, and one that is no change. */
function changesIn(zone: string, year: number): readonly number[] {
  const end = wallOf(year + 1, 1, 1);
  const changes: number[] = [];
  for (let span = intl.span(zone, wallOf(year, 1, 1)); span.until < end;) {
    const next = intl.span(zone, span.until);
    if (next.offset !== span.offset) changes.push(span.until);
    span = next;
  }
  return changes.length > 0 ? changes : [wallOf(year, 7, 1)];
}

const PLACES = ZONES.flatMap(([zone, ...years]) =>
  years.flatMap((year) => changesIn(zone, year).map((change) => ({ zone, change }))),
);

const RULES: readonly (readonly [name: string, rule: LocalRule, near?: number])[] = [
  ["*/7 * * * *", parseCron("*/7 * * * *"), 30 * HOUR],
  ["0 * * * *", parseCron("0 * * * *")],
  ["*/30 * * * *", parseCron("*/30 * * * *")],
  ["30 2 * * *", parseCron("30 2 * * *")],
  ["30 2,3 * * *", parseCron("30 2,3 * * *")],
  ["10,40 2,3 * * *", parseCron("10,40 2,3 * * *")],
  ["5,59 0,1,23 * * *", parseCron("5,59 0,1,23 * * *")],
  ["0 0 * * *", parseCron("0 0 * * *")],
  ["59 59 * * * *", parseCron("59 59 * * * *")],
  ["*/20 2 * * SUN", parseCron("*/20 2 * * SUN")],
  ["yearly on 28 March", yearlyRule(3, 28, 2.5 * HOUR, "feb28")],
  ["yearly on 31 October", yearlyRule(10, 31, 2.5 * HOUR, "feb28")],
  ["once on 7 November 2027", onceRule(wallOf(2027, 11, 7) + 1.5 * HOUR)],
  ["yearly on 30 December", yearlyRule(12, 30, 9 * HOUR, "feb28")],
  ["every 25 minutes", parseRRule({ rrule: "FREQ=MINUTELY;INTERVAL=25", start: wallOf(1970, 1, 2) })],
];

/** What the documented rules make of a local rule, told without any cleverness; all that falls from `low` to `high`. */
function bruteForce(
  rule: LocalRule,
  zone: string,
  { gap, overlap }: { gap: Gap; overlap: Overlap },
  low: number,
  high: number,
): readonly SeriesMoment[] {
  const regular: SeriesMoment[] = [];
  const moved: SeriesMoment[] = [];
  const last = high + 2 * DAY;
  for (let wall = rule.after(low - 2 * DAY); wall !== null && wall <= last; wall = rule.after(wall)) {
    for (const moment of resolve(intl, zone, wall, gap, overlap)) {
      (moment.note === "gap" ? moved : regular).push({ ...moment, wall });
    }
  }
  const taken = new Set(regular.map((moment) => moment.instant));
  const kept = moved.filter(({ instant }) => !taken.has(instant) && taken.add(instant));
  return [...regular, ...kept]
    .filter(({ instant }) => instant >= low && instant <= high)
    .sort((one, other) => one.instant - other.instant);
}

function listed(series: Series, low: number, high: number): readonly SeriesMoment[] {
  const moments: SeriesMoment[] = [];
  let moment = series.after(low - 1);
  for (; moment !== null && moment.instant <= high; moment = series.after(moment.instant)) moments.push(moment);
  return moments;
}

function listedBackwards(series: Series, low: number, high: number): readonly SeriesMoment[] {
  const moments: SeriesMoment[] = [];
  let moment = series.before(high + 1);
  for (; moment !== null && moment.instant >= low; moment = series.before(moment.instant)) moments.push(moment);
  return moments.reverse();
}

function shown({ instant, wall, fold, offset, note }: SeriesMoment): string {
  return `${new Date(instant).toISOString()} ${formatWall(wall)}/${fold} ${offset / MINUTE} ${note}`;
}

/** Chai compares long lists slowly, so it is asked only about those that differ. */
function expectSame(found: readonly SeriesMoment[], expected: readonly SeriesMoment[], where: string): void {
  const same =
    found.length === expected.length &&
    found.every((one, index) => {
      const other = expected[index]!;
      return (
        one.instant === other.instant &&
        one.wall === other.wall &&
        one.fold === other.fold &&
        one.offset === other.offset &&
        one.note === other.note
      );
    });
  if (!same) expect(found.map(shown), where).to.deep.equal(expected.map(shown));
}

/** The same clocks, told in pieces: a source of zone data may cut its spans wherever it likes. */
class CutZoneRules implements ZoneRules {
  readonly version = intl.version;
  readonly #piece: number;

  constructor(piece: number) {
    this.#piece = piece;
  }

  find(name: string): string | null {
    return intl.find(name);
  }

  span(zone: string, instant: number): ZoneSpan {
    const { from, until, offset } = intl.span(zone, instant);
    const start = Math.floor(instant / this.#piece) * this.#piece;
    return { from: Math.max(from, start), until: Math.min(until, start + this.#piece), offset };
  }
}

describe("ZonedSeries", () => {
  for (const [name, rule, near = NEAR] of RULES) {
    it(`tells ${name} as the rules of gaps and overlaps have it, around every change`, () => {
      let moments = 0;
      for (const { zone, change } of PLACES) {
        for (const policy of POLICIES) {
          const series = new ZonedSeries(rule, intl, { zone, ...policy });
          const [low, high] = [change - near, change + near];
          const expected = bruteForce(rule, zone, policy, low, high);
          const where = `${zone} ${new Date(change).toISOString()} ${JSON.stringify(policy)}`;
          expectSame(listed(series, low, high), expected, where);
          expectSame(listedBackwards(series, low, high), expected, `${where}, backwards`);
          moments += expected.length;
        }
      }
      expect(moments).to.be.greaterThan(0);
    });
  }

  const time = fc.record({
    minutes: fc.oneof(fc.integer({ min: 0, max: 59 }).map(String), fc.constantFrom("*/5", "0,30", "10-20/3", "*/13")),
    hours: fc.oneof(fc.integer({ min: 0, max: 23 }).map(String), fc.constantFrom("*", "0-4", "1,2,3", "22-2", "*/2")),
    days: fc.constantFrom("* * *", "* * SUN", "L * *", "* 3,10,11 *", "1-7 * SAT", "31 * *", "30 12 *"),
  });
  const place = fc.constantFrom(...PLACES);
  const policy = fc.constantFrom(...POLICIES);

  it("tells random crons as the rules have it", () => {
    fc.assert(
      fc.property(time, place, policy, ({ minutes, hours, days }, { zone, change }, policy) => {
        const rule = parseCron(`${minutes} ${hours} ${days}`);
        const series = new ZonedSeries(rule, intl, { zone, ...policy });
        const [low, high] = [change - 2 * DAY, change + 2 * DAY];
        expectSame(listed(series, low, high), bruteForce(rule, zone, policy, low, high), zone);
      }),
      { seed: 20270328, numRuns: 2_000 },
    );
  });

  it("tells the same where the zone data come in pieces", () => {
    const pieces = [10 * MINUTE, 47 * MINUTE, 7 * HOUR].map((piece) => new CutZoneRules(piece));
    fc.assert(
      fc.property(
        time,
        place,
        policy,
        fc.constantFrom(...pieces),
        ({ minutes, hours }, { zone, change }, policy, rules) => {
          const rule = parseCron(`${minutes} ${hours} * * *`);
          const series = new ZonedSeries(rule, rules, { zone, ...policy });
          const [low, high] = [change - 1.3 * DAY, change + 1.3 * DAY];
          const expected = bruteForce(rule, zone, policy, low, high);
          expectSame(listed(series, low, high), expected, zone);
          expectSame(listedBackwards(series, low, high), expected, `${zone}, backwards`);
        },
      ),
      { seed: 20271031, numRuns: 1_000 },
    );
  });

  it("answers the same from wherever it is asked", () => {
    fc.assert(
      fc.property(
        time,
        place,
        policy,
        fc.array(fc.integer({ min: -NEAR / SECOND, max: NEAR / SECOND }), { maxLength: 20 }),
        ({ minutes, hours }, { zone, change }, policy, cursors) => {
          const rule = parseCron(`${minutes} ${hours} * * *`);
          const series = new ZonedSeries(rule, intl, { zone, ...policy });
          const all = bruteForce(rule, zone, policy, change - NEAR - 2 * DAY, change + NEAR + 2 * DAY);
          const edges = all.flatMap(({ instant }) => [instant - 1, instant, instant + 1]);
          const near = edges.filter((edge) => Math.abs(edge - change) < 4 * HOUR);
          for (const at of [...cursors.map((cursor) => change + cursor * SECOND), ...near]) {
            const [after] = all.filter((moment) => moment.instant > at).slice(0, 1);
            const before = all.filter((moment) => moment.instant < at).at(-1);
            if (after !== undefined) expectSame([series.after(at)!], [after], `${zone} after ${at}`);
            if (before !== undefined) expectSame([series.before(at)!], [before], `${zone} before ${at}`);
          }
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });

  it("only ever goes forward with after, and back with before", () => {
    fc.assert(
      fc.property(
        time,
        fc.constantFrom(...ZONES.map(([zone]) => zone)),
        policy,
        fc.integer({ min: 0, max: 80 * 366 * 86_400 }),
        ({ minutes, hours, days }, zone, policy, second) => {
          const series = new ZonedSeries(parseCron(`${minutes} ${hours} ${days}`), intl, { zone, ...policy });
          const start = second * SECOND;
          const next = series.after(start);
          const second1 = next && series.after(next.instant);
          if (next === null || second1 === null) return; // 31 April, skipped by the zone for good
          expect(next.instant).to.be.greaterThan(start);
          expect(second1.instant).to.be.greaterThan(next.instant);
          expectSame([series.before(second1.instant)!], [next], `${zone} mirrored`);
          expect(series.before(next.instant)?.instant ?? -Infinity).to.be.at.most(start);
        },
      ),
      { seed: 11, numRuns: 2_000 },
    );
  });

  it("gives the same instant whatever the day it is computed on", () => {
    const wall = parseWall("2027-11-07T01:30")!;
    for (const [overlap, expected] of [
      ["first", "2027-11-07T05:30:00.000Z"],
      ["second", "2027-11-07T06:30:00.000Z"],
    ] as const) {
      for (let month = 1; month <= 11; month++) {
        for (const rule of [onceRule(wall), parseCron("30 1 7 11 *"), yearlyRule(11, 7, 1.5 * HOUR, "feb28")]) {
          // Fresh zone data each time, so that nothing is remembered from another day.
          const zones = new IntlZoneRules({ version: "x" });
          const series = new ZonedSeries(rule, zones, { zone: "America/New_York", gap: "shift", overlap });
          const found = series.after(wallOf(2027, month, 5));
          expect(new Date(found?.instant ?? 0).toISOString()).to.equal(expected);
          expect(found?.note).to.equal("overlap");
        }
      }
    }
  });

  it("sees both passes of a day that comes twice, and none of one that is left out", () => {
    // Kwajalein's way over the date line, and back again: there 21 August 1993 never was.
    const [east, west] = [-12 * HOUR, 12 * HOUR];
    const [leap, back] = [wallOf(2030, 5, 1) + 12 * HOUR, wallOf(2030, 9, 1)];
    const zones = new TableZoneRules({
      version: "2030a",
      zones: {
        "Moon/Tycho": [
          [null, east],
          [leap, west],
          [back, east],
        ],
      },
      links: {},
    });
    const days = (gap: Gap, overlap: Overlap) => {
      const series = new ZonedSeries(parseCron("0 9 * * *"), zones, { zone: "Moon/Tycho", gap, overlap });
      const near = (at: number) =>
        listed(series, at - 2 * DAY, at + 2 * DAY).map(({ wall, fold, note }) => {
          return `${formatWall(wall).slice(5, 10)}/${fold}${note === null ? "" : ` ${note}`}`;
        });
      return [near(leap), near(back)];
    };

    const passes = ["08-31/0", "09-01/0 overlap", "09-01/1 overlap", "09-02/0"];
    expect(days("skip", "both")).to.deep.equal([["04-29/0", "04-30/0", "05-02/0", "05-03/0"], passes]);
    const [dropped, first] = days("shift", "first");
    // 1 May at nine is moved to 2 May at nine, where that day's own is.
    expect(dropped).to.deep.equal(["04-29/0", "04-30/0", "05-02/0", "05-03/0"]);
    expect(first).to.deep.equal(passes.filter((pass) => !pass.includes("/1")));
    const [boundary, second] = days("boundary", "second");
    expect(boundary).to.deep.equal(["04-29/0", "04-30/0", "05-01/0 gap", "05-02/0", "05-03/0"]);
    expect(second).to.deep.equal(passes.filter((pass) => pass !== "09-01/0 overlap"));
  });

  it("gives up on a rule that only ever lands in skipped hours, and soon", () => {
    const zones = new TableZoneRules({
      version: "2030a",
      zones: {
        "Moon/Tycho": Array.from({ length: 4_001 }, (_, index) =>
          index === 0
            ? ([null, 0] as const)
            : ([wallOf(2000 + ((index - 1) >> 1), index % 2 === 1 ? 3 : 9, 20) + HOUR, (index % 2) * HOUR] as const),
        ),
      },
      links: {},
    });
    const options = { zone: "Moon/Tycho", gap: "skip", overlap: "first" } as const;
    const series = new ZonedSeries(parseCron("30 1 20 3 *"), zones, options);

    expect(series.after(wallOf(2001, 1, 1))).to.equal(null);
    expect(series.before(wallOf(3900, 1, 1))).to.equal(null);
    expect(cpuOf(() => series.after(wallOf(2001, 1, 1)), 20)).to.be.lessThan(20);
  });

  it("ends where the rule ends", () => {
    const options = { zone: "Europe/Berlin", gap: "shift", overlap: "both" } as const;
    const series = new ZonedSeries(onceRule(parseWall("2027-03-28T02:30")!), intl, options);
    const [moment] = listed(series, 0, wallOf(2100, 1, 1));

    expect(shown(moment!)).to.equal("2027-03-28T01:30:00.000Z 2027-03-28T02:30:00/0 120 gap");
    expect(series.after(moment!.instant)).to.equal(null);
    expect(series.before(moment!.instant)).to.equal(null);
    expectSame([series.after(-Infinity)!], [moment!], "from the start of time");
  });
});

describe("StepSeries", () => {
  const start = Date.parse("2027-03-28T00:00:00Z");
  const every = (step: number) => new StepSeries(start, step, intl, "Europe/Berlin");

  it("steps on the line of instants, whatever the clocks do", () => {
    const shownLocally = listed(every(30 * MINUTE), start, start + 2 * HOUR).map(({ wall }) => formatWall(wall));
    expect(shownLocally).to.deep.equal([
      "2027-03-28T01:00:00",
      "2027-03-28T01:30:00",
      "2027-03-28T03:00:00",
      "2027-03-28T03:30:00",
      "2027-03-28T04:00:00",
    ]);
  });

  it("has nothing before its start, and one moment alone if its step is endless", () => {
    expect(every(HOUR).before(start)).to.equal(null);
    expect(every(HOUR).before(start + 1)?.instant).to.equal(start);
    expect(every(HOUR).after(-Infinity)?.instant).to.equal(start);
    expect(every(Infinity).after(start)).to.equal(null);
    expect(every(Infinity).before(wallOf(2100, 1, 1))?.instant).to.equal(start);
  });

  it("has mirrored neighbours", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 0, max: 1e10 }), (step, ahead) => {
        const series = every(step * SECOND);
        const next = series.after(start + ahead)!;
        const one = series.after(next.instant)!;
        expect(next.instant).to.be.greaterThan(start + ahead);
        expect(one.instant - next.instant).to.equal(step * SECOND);
        expect(series.before(one.instant)?.instant).to.equal(next.instant);
      }),
      { seed: 3, numRuns: 1_000 },
    );
  });

  it("ends before the year 10000 does in any zone", () => {
    const series = new StepSeries(start, DAY, intl, "Pacific/Kiritimati");
    const last = series.before(wallOf(10_000, 1, 2))!;

    expect(series.after(last.instant)).to.equal(null);
    expect(formatWall(last.wall)).to.match(/^9999-/);
  });
});
