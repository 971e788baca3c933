import { expect } from "chai";
import fc from "fast-check";
import { parseCron } from "../../src/recurrence/cron.js";
import { InvalidRule } from "../../src/recurrence/local-rule.js";
import {
  DAY,
  FIRST_WALL,
  LAST_WALL,
  SECOND,
  type Wall,
  formatWall,
  parseWall,
  wallOf,
} from "../../src/recurrence/wall.js";
import { cronPattern } from "./cron-patterns.js";

type Case = readonly [pattern: string, after: string, ...expected: string[]];

// crontab(5) of Vixie cron: its examples, and its rule for the two day fields. 1 January 2026 is a Thursday.
const VIXIE: readonly Case[] = [
  ["5 0 * * *", "2026-01-01T00:05", "2026-01-02T00:05", "2026-01-03T00:05"],
  ["15 14 1 * *", "2026-01-01T14:15", "2026-02-01T14:15", "2026-03-01T14:15"],
  ["0 22 * * 1-5", "2026-01-02T22:00", "2026-01-05T22:00", "2026-01-06T22:00"],
  ["23 0-23/2 * * *", "2026-01-01T21:00", "2026-01-01T22:23", "2026-01-02T00:23"],
  ["5 4 * * sun", "2026-01-01T00:00", "2026-01-04T04:05", "2026-01-11T04:05"],
  // Restricted both: the 1st, the 15th and every Friday.
  ["30 4 1,15 * 5", "2026-01-01T04:30", "2026-01-02T04:30", "2026-01-09T04:30", "2026-01-15T04:30", "2026-01-16T04:30"],
  ["0 0 1-31 * MON", "2026-01-01T00:00", "2026-01-02T00:00", "2026-01-03T00:00"],
  ["0 0 1,* * MON", "2026-01-01T00:00", "2026-01-02T00:00", "2026-01-03T00:00"],
  // One starts with a star: Mondays on odd days; the 1st on a Sunday, Tuesday, Thursday or Saturday; the first Sunday.
  ["0 0 */2 * MON", "2026-01-01T00:00", "2026-01-05T00:00", "2026-01-19T00:00", "2026-02-09T00:00"],
  ["0 0 1 * */2", "2026-01-01T00:00", "2026-02-01T00:00", "2026-03-01T00:00", "2026-08-01T00:00"],
  ["0 0 1-7 * */7", "2026-01-01T00:00", "2026-01-04T00:00", "2026-02-01T00:00", "2026-03-01T00:00"],
  ["0 0 ?,1 * MON", "2026-01-01T00:00", "2026-01-05T00:00", "2026-01-12T00:00"],
];

// The examples of Quartz's CronTrigger tutorial, with our weekday numbers where it has its own (its 6 is Friday).
const QUARTZ: readonly Case[] = [
  ["0 0 12 * * ?", "2026-01-01T12:00", "2026-01-02T12:00"],
  ["0 15 10 ? * *", "2026-01-01T00:00", "2026-01-01T10:15", "2026-01-02T10:15"],
  ["0 * 14 * * ?", "2026-01-01T14:58:30", "2026-01-01T14:59", "2026-01-02T14:00"],
  ["0 0/5 14 * * ?", "2026-01-01T14:50", "2026-01-01T14:55", "2026-01-02T14:00"],
  ["0 0/5 14,18 * * ?", "2026-01-01T14:50", "2026-01-01T14:55", "2026-01-01T18:00", "2026-01-01T18:05"],
  ["0 0-5 14 * * ?", "2026-01-01T14:04", "2026-01-01T14:05", "2026-01-02T14:00"],
  ["0 10,44 14 ? 3 WED", "2026-01-01T00:00", "2026-03-04T14:10", "2026-03-04T14:44", "2026-03-11T14:10"],
  ["0 15 10 ? * MON-FRI", "2026-01-02T10:15", "2026-01-05T10:15"],
  ["0 15 10 15 * ?", "2026-01-15T10:15", "2026-02-15T10:15"],
  ["0 15 10 L * ?", "2026-01-31T10:15", "2026-02-28T10:15", "2026-03-31T10:15"],
  ["0 15 10 L * ?", "2028-02-01T00:00", "2028-02-29T10:15"],
  ["0 15 10 L-2 * ?", "2026-01-01T00:00", "2026-01-29T10:15", "2026-02-26T10:15", "2026-03-29T10:15"],
  ["0 15 10 ? * FRIL", "2026-01-01T00:00", "2026-01-30T10:15", "2026-02-27T10:15", "2026-03-27T10:15"],
  ["0 15 10 ? * 5#3", "2026-01-01T00:00", "2026-01-16T10:15", "2026-02-20T10:15", "2026-03-20T10:15"],
  ["0 0 12 1/5 * ?", "2026-01-26T12:00", "2026-01-31T12:00", "2026-02-01T12:00"],
  ["0 11 11 11 11 ?", "2026-01-01T00:00", "2026-11-11T11:11", "2027-11-11T11:11"],
  // 15W: Sunday the 15th of February goes to Monday, Saturday the 15th of August to Friday; in September it stays.
  ["0 0 0 15W 2,8,9 ?", "2026-01-01T00:00", "2026-02-16T00:00", "2026-08-14T00:00", "2026-09-15T00:00"],
  // 1W: Saturday the 1st of August does not go to July. 31W: nor does Sunday the 31st of May go to June.
  ["0 0 0 1W 8 ?", "2026-01-01T00:00", "2026-08-03T00:00"],
  ["0 0 0 31W 4-7 ?", "2026-01-01T00:00", "2026-05-29T00:00", "2026-07-31T00:00"],
  ["0 0 0 LW * ?", "2026-01-01T00:00", "2026-01-30T00:00", "2026-02-27T00:00", "2026-03-31T00:00"],
  ["0 0 0 LW 5 ?", "2026-01-01T00:00", "2026-05-29T00:00"],
  ["0 0 0 ? * MON#1", "2026-01-01T00:00", "2026-01-05T00:00", "2026-02-02T00:00"],
  ["0 0 0 ? * WED#5", "2026-01-01T00:00", "2026-04-29T00:00", "2026-07-29T00:00", "2026-09-30T00:00"],
  ["0 0 22-2 * * ?", "2026-01-01T21:00", "2026-01-01T22:00", "2026-01-01T23:00", "2026-01-02T00:00"],
  ["0 0 22-2 * * ?", "2026-01-02T01:00", "2026-01-02T02:00", "2026-01-02T22:00"],
  ["0 0 0 1 NOV-FEB ?", "2026-02-01T00:00", "2026-11-01T00:00", "2026-12-01T00:00", "2027-01-01T00:00"],
];

// The Open Cron Pattern Specification, 1.0 to 1.4, where it has no year field and no `+`.
const OCPS: readonly Case[] = [
  ["15 10 * * *", "2025-03-10T10:14", "2025-03-10T10:15", "2025-03-11T10:15"],
  ["30 15 10 * * *", "2025-03-10T10:15:29", "2025-03-10T10:15:30", "2025-03-11T10:15:30"],
  ["30 8 * jan Mon", "2025-01-01T00:00", "2025-01-06T08:30"],
  ["30 8 * jan Mon", "2025-01-27T08:30", "2026-01-05T08:30"],
  [
    "5-59/15 9 * * *",
    "2025-03-10T09:05",
    "2025-03-10T09:20",
    "2025-03-10T09:35",
    "2025-03-10T09:50",
    "2025-03-11T09:05",
  ],
  ["0 12 1 * MON", "2025-09-29T12:00", "2025-10-01T12:00", "2025-10-06T12:00"],
  ["0 12 * * MON", "2025-10-01T00:00", "2025-10-06T12:00", "2025-10-13T12:00"],
  ["0 12 1-31 * MON", "2025-10-06T12:00", "2025-10-07T12:00"],
  ["0 0 L * *", "2025-02-01T00:00", "2025-02-28T00:00", "2025-03-31T00:00"],
  ["0 0 * * 5L", "2025-02-01T00:00", "2025-02-28T00:00", "2025-03-28T00:00"],
  ["0 0 * * FRI#L", "2025-02-01T00:00", "2025-02-28T00:00", "2025-03-28T00:00"],
  ["0 0 * * TUE#3", "2025-06-01T00:00", "2025-06-17T00:00"],
  ["0 12 15W * *", "2025-06-01T00:00", "2025-06-16T12:00"],
  ["0 12 1W * *", "2025-01-31T00:00", "2025-02-03T12:00"],
  ["@yearly", "2025-10-01T00:00", "2026-01-01T00:00", "2027-01-01T00:00"],
  ["@annually", "2025-10-01T00:00", "2026-01-01T00:00"],
  ["@monthly", "2026-01-01T00:00", "2026-02-01T00:00"],
  ["@weekly", "2025-10-01T00:00", "2025-10-05T00:00", "2025-10-12T00:00"],
  ["@daily", "2025-10-06T12:00", "2025-10-07T00:00"],
  ["@midnight", "2025-10-06T12:00", "2025-10-07T00:00"],
  ["@hourly", "2025-10-07T09:30", "2025-10-07T10:00", "2025-10-07T11:00"],
];

const OUR_OWN: readonly Case[] = [
  // No 29 February in 2100. On a Sunday, with `*/7` as a weekday that must match too, it is 40 years away at worst.
  ["0 0 29 2 *", "2092-02-29T00:00", "2096-02-29T00:00", "2104-02-29T00:00"],
  ["0 0 29 2 */7", "2088-02-29T00:00", "2128-02-29T00:00"],
  ["0 0 29W 2 *", "2026-01-01T00:00", "2028-02-29T00:00", "2032-02-27T00:00"],
  ["0 0 L-30 * *", "2026-01-31T00:00", "2026-03-01T00:00", "2026-05-01T00:00"],
  ["0 0 31 * *", "2026-01-31T00:00", "2026-03-31T00:00", "2026-05-31T00:00"],
  ["0 0 * 2 FRI#5", "2026-01-01T00:00", "2036-02-29T00:00"],
  ["59 59 23 31 12 *", "2026-12-31T23:59:58", "2026-12-31T23:59:59", "2027-12-31T23:59:59"],
];

const SAME: readonly (readonly [string, string])[] = [
  ["0 22-2 * * *", "0 22,23,0,1,2 * * *"],
  ["0 22-3/2 * * *", "0 22,0,2 * * *"],
  ["50-10/5 * * * *", "50,55,0,5,10 * * * *"],
  ["0 0 1 11-2 *", "0 0 1 11,12,1,2 *"],
  ["0 0 * * FRI-MON", "0 0 * * 5,6,0,1"],
  ["0 0 * * SAT-SUN", "0 0 * * 6,7"],
  ["0 0 * * 5-7", "0 0 * * FRI,SAT,SUN"],
  ["0 0 * * 7-2", "0 0 * * SUN,MON,TUE"],
  ["0 0 * * 7-7", "0 0 * * SUN"],
  ["0 0 * * 0-7", "0 0 * * *"],
  ["0 0 * * 7#2", "0 0 * * sun#2"],
  ["0 0 * * 7L", "0 0 * * sunl"],
  ["0 0 * * 1/3", "0 0 * * MON,THU"],
  ["0 0 ? * ?", "0 0 * * *"],
  ["0 0 ?/2 * *", "0 0 */2 * *"],
  ["0 0 lw * fRi#L", "0 0 LW * FRIL"],
  ["  0\t0  1 1 * ", "0 0 1 1 *"],
  ["05 007 * * *", "5 7 * * *"],
  ["*/60 */24 */31 */12 *", "@yearly"],
];

describe("a cron rule", () => {
  for (const [source, cases] of Object.entries({ VIXIE, QUARTZ, OCPS, OUR_OWN })) {
    describe(`as in ${source}`, () => {
      for (const [pattern, after, ...expected] of cases) {
        it(`${pattern} after ${after}`, () => {
          expect(following(pattern, at(after), expected.length)).to.deep.equal(
            expected.map((text) => formatWall(at(text))),
          );
        });
      }
    });
  }

  for (const [pattern, longer] of SAME) {
    it(`${pattern} means ${longer}`, () => {
      expect(following(pattern, at("2026-01-31T12:34"), 40)).to.deep.equal(
        following(longer, at("2026-01-31T12:34"), 40),
      );
    });
  }

  it("knows no date-time outside the calendar", () => {
    const everySecond = parseCron("* * * * * *");
    expect(everySecond.after(-1e15)).to.equal(FIRST_WALL);
    expect(everySecond.after(FIRST_WALL - 1)).to.equal(FIRST_WALL);
    expect(everySecond.before(FIRST_WALL)).to.equal(null);
    expect(everySecond.before(Infinity)).to.equal(LAST_WALL);
    expect(everySecond.before(LAST_WALL + 1)).to.equal(LAST_WALL);
    expect(everySecond.after(LAST_WALL)).to.equal(null);
    expect(parseCron("0 0 31 12 *").after(at("9999-01-01T00:00"))).to.equal(at("9999-12-31T00:00"));
    expect(parseCron("0 0 1 1 *").before(at("1970-12-31T00:00"))).to.equal(FIRST_WALL);
    expect(parseCron("0 0 29 2 *").after(at("9996-02-29T00:00"))).to.equal(null);
    expect(parseCron("0 0 29 2 *").before(at("1972-02-29T00:00"))).to.equal(null);
  });

  it("keeps to whole seconds between them", () => {
    const noon = at("2026-01-01T12:00");
    const atNoon = parseCron("0 12 * * *");
    expect(atNoon.after(noon - 1)).to.equal(noon);
    expect(atNoon.after(noon - 0.5)).to.equal(noon);
    expect(atNoon.after(noon + 1)).to.equal(noon + DAY);
    expect(atNoon.before(noon + 1)).to.equal(noon);
    expect(atNoon.before(noon)).to.equal(noon - DAY);
    expect(atNoon.before(noon - 1)).to.equal(noon - DAY);
  });

  it("goes back the way it came", () => {
    const anywhere = fc.integer({ min: FIRST_WALL + 100 * 366 * DAY, max: LAST_WALL - 100 * 366 * DAY });
    fc.assert(
      fc.property(cronPattern, anywhere, (pattern, start) => {
        const rule = ruleOrNull(pattern);
        fc.pre(rule !== null);
        const forwards: Wall[] = [];
        for (let wall = rule.after(start); wall !== null && forwards.length < 10; wall = rule.after(wall)) {
          forwards.push(wall);
        }
        const backwards = forwards.map((wall) => rule.before(wall + SECOND));
        expect(backwards).to.deep.equal(forwards);
        expect(forwards.slice(1).map((wall) => rule.before(wall))).to.deep.equal(forwards.slice(0, -1));
        const last = rule.before(start);
        expect(last).to.be.lessThan(start);
        expect(rule.after(last!)).to.be.oneOf([start, forwards[0]]);
      }),
      { numRuns: 3_000, seed: 1 },
    );
  });

  it("answers or refuses in no time, whatever is asked", () => {
    const nasty = [
      "0 0 29 2 *",
      "0 0 29 2 */7",
      "59 59 23 29 2 */6",
      "0 0 30 2 *",
      "0 0 31 2,4,6,9,11 *",
      "0 0 L-30 2 *",
      "0 0 L-29 2 *",
      "0 0 */30 2 MON#5",
      "0 0 */28 2 MON#5",
      "0 0 31W 2,4 ?",
      "0 0 * 2 SUN#5",
      `0 0 ${"31W,".repeat(58)}29W 2 *`,
      `${"*/1,".repeat(60)}* * * * *`,
      `0 0 * * ${"FRI#5,".repeat(40)}SUNL`,
      "9".repeat(256),
      "*".repeat(256),
      " ".repeat(256),
      "1-".repeat(128),
      "-".repeat(248) + " * * * *",
      "/".repeat(248) + " * * * *",
      `0 0 ${"L".repeat(245)} * *`,
      "@".repeat(1_000_000),
      "0 ".repeat(1_000_000),
      `1${"0".repeat(240)} 0 * * *`,
      `*/1${"0".repeat(240)} 0 * * *`,
    ];
    for (const pattern of nasty) {
      const before = process.cpuUsage();
      const rule = ruleOrNull(pattern);
      let wall: Wall | null = wallOf(2096, 2, 29);
      for (let step = 0; step < 20 && wall !== null; step++) wall = rule?.after(wall) ?? null;
      for (const edge of [FIRST_WALL, LAST_WALL, NaN, Infinity, -Infinity]) rule?.after(edge);
      for (const edge of [FIRST_WALL, LAST_WALL, NaN, Infinity, -Infinity]) rule?.before(edge);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1_000, `${pattern.slice(0, 40)}: milliseconds`).to.be.lessThan(50);
    }
  });
});

const REFUSED: readonly (readonly [pattern: string, code: string, field: string | null])[] = [
  ["", "cron_empty", null],
  [" \t ", "cron_empty", null],
  ["* * * *", "cron_fields", null],
  ["* * * * * * *", "cron_fields", null],
  ["0 15 10 * * * 2025", "cron_fields", null],
  ["0", "cron_fields", null],
  [`${"0,".repeat(126)}0 * * * *`, "cron_too_long", null],
  ["@reboot", "cron_reboot", null],
  ["@Daily", "cron_macro", null],
  ["@every 5m", "cron_fields", null],
  ["@daily 0 0 * * *", "cron_syntax", "second"],
  ["60 * * * * *", "cron_value", "second"],
  ["60 0 * * *", "cron_value", "minute"],
  ["0 24 * * *", "cron_value", "hour"],
  ["0 0 0 * *", "cron_value", "day of month"],
  ["0 0 32 * *", "cron_value", "day of month"],
  ["0 0 32W * *", "cron_value", "day of month"],
  ["0 0 L-31 * *", "cron_value", "day of month"],
  ["0 0 L-0 * *", "cron_value", "day of month"],
  ["0 0 * 0 *", "cron_value", "month"],
  ["0 0 * 13 *", "cron_value", "month"],
  ["0 0 * * 8", "cron_value", "day of week"],
  ["0 0 * * FRI#6", "cron_value", "day of week"],
  ["0 0 * * FRI#0", "cron_value", "day of week"],
  ["0-60 * * * *", "cron_value", "minute"],
  ["? 12 * * *", "cron_syntax", "minute"],
  ["0 ? * * *", "cron_syntax", "hour"],
  ["0 0 * ? *", "cron_syntax", "month"],
  ["1,,2 * * * *", "cron_syntax", "minute"],
  ["1, * * * *", "cron_syntax", "minute"],
  ["-1 * * * *", "cron_syntax", "minute"],
  ["1- * * * *", "cron_syntax", "minute"],
  ["1-2-3 * * * *", "cron_syntax", "minute"],
  ["*-5 * * * *", "cron_syntax", "minute"],
  ["1.5 * * * *", "cron_syntax", "minute"],
  ["** * * * *", "cron_syntax", "minute"],
  ["0x1 * * * *", "cron_syntax", "minute"],
  ["1e1 * * * *", "cron_syntax", "minute"],
  ["\n0 0 * * *", "cron_syntax", "minute"],
  ["٣ * * * *", "cron_syntax", "minute"],
  ["H * * * *", "cron_syntax", "minute"],
  ["0 L * * *", "cron_syntax", "hour"],
  ["0 0 JAN * *", "cron_syntax", "day of month"],
  ["0 0 W * *", "cron_syntax", "day of month"],
  ["0 0 WL * *", "cron_syntax", "day of month"],
  ["0 0 L- * *", "cron_syntax", "day of month"],
  ["0 0 L-3W * *", "cron_syntax", "day of month"],
  ["0 0 L/2 * *", "cron_syntax", "day of month"],
  ["0 0 1-L * *", "cron_syntax", "day of month"],
  ["0 0 1#2 * *", "cron_syntax", "day of month"],
  ["0 12 1-15W * *", "cron_syntax", "day of month"],
  ["0 12 +1 * MON", "cron_syntax", "day of month"],
  ["0 0 * MON *", "cron_syntax", "month"],
  ["0 0 * JANUARY *", "cron_syntax", "month"],
  ["0 0 * * L", "cron_syntax", "day of week"],
  ["0 0 * * JAN", "cron_syntax", "day of week"],
  ["0 0 * * MO", "cron_syntax", "day of week"],
  ["0 0 * * ſun", "cron_syntax", "day of week"],
  ["0 0 * * FRI#", "cron_syntax", "day of week"],
  ["0 0 * * #2", "cron_syntax", "day of week"],
  ["0 0 * * FRI#2#3", "cron_syntax", "day of week"],
  ["0 0 * * FRI#2L", "cron_syntax", "day of week"],
  ["0 0 * * MON-FRI#2", "cron_syntax", "day of week"],
  ["0 0 * * MON-FRIL", "cron_syntax", "day of week"],
  ["0 0 * * 5W", "cron_syntax", "day of week"],
  ["0 12 1 * +MON", "cron_syntax", "day of week"],
  ["*/0 * * * *", "cron_step", "minute"],
  ["*/ * * * *", "cron_step", "minute"],
  ["*/5/5 * * * *", "cron_step", "minute"],
  ["*/-5 * * * *", "cron_step", "minute"],
  ["*/90 * * * *", "cron_step", "minute"],
  ["0 */25 * * *", "cron_step", "hour"],
  ["0 0 * * */FRI", "cron_step", "day of week"],
  ["/5 * * * *", "cron_syntax", "minute"],
  ["0 0 /30 * *", "cron_syntax", "day of month"],
  ["0 0 10-5 * *", "cron_range", "day of month"],
  ["0 0 30 2 *", "cron_never", "day of month"],
  ["* * 31 2 *", "cron_never", "day of month"],
  ["0 0 31 4,6 *", "cron_never", "day of month"],
  ["0 0 30,31 FEB ?", "cron_never", "day of month"],
  ["0 0 31 2 */2", "cron_never", "day of month"],
  ["0 0 L-30 2,4 *", "cron_never", "day of month"],
  ["0 0 31W 11 *", "cron_never", "day of month"],
  ["0 0 */30 * FRI#3", "cron_never", "day of month"],
];

describe("a cron rule that is refused", () => {
  for (const [pattern, code, field] of REFUSED) {
    it(`${JSON.stringify(pattern.slice(0, 30))} is ${code}${field === null ? "" : `, and the ${field} is named`}`, () => {
      const refusal = refusalOf(pattern);
      expect(refusal).to.have.property("code", code);
      if (field !== null) expect(refusal?.message).to.match(new RegExp(`^In the ${field} field, .{10}`));
    });
  }

  it("takes a day that a listed month has, or that the day of week makes up for", () => {
    for (const pattern of ["0 0 30 2,3 *", "0 0 30 2 MON", "0 0 29 2 *", "0 0 L-28 2 *", "0 0 */28 2 MON#5"]) {
      expect(refusalOf(pattern), pattern).to.equal(null);
    }
  });

  it("answers garbage with a refusal, never with another error", () => {
    const scraps = [
      "*",
      "?",
      "/",
      "-",
      ",",
      "#",
      "L",
      "W",
      "LW",
      "0",
      "7",
      "31",
      "60",
      "jan",
      "FRI",
      "@",
      " ",
      "\t",
      "\n",
      "é",
      "💥",
      "\0",
    ];
    const scrap = fc.constantFrom(...scraps);
    const garbage = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.string({ unit: scrap, maxLength: 30 }),
      fc.tuple(cronPattern, fc.nat(), scrap).map(([pattern, at, put]) => {
        const index = at % pattern.length;
        return pattern.slice(0, index) + put + pattern.slice(index + (at % 2));
      }),
    );
    let taken = 0;
    fc.assert(
      fc.property(garbage, (text) => {
        const rule = ruleOrNull(text);
        if (rule === null) return;
        taken++;
        expect(rule.after(wallOf(2026, 1, 1))).to.be.greaterThan(wallOf(2026, 1, 1));
      }),
      { numRuns: 20_000, seed: 2 },
    );
    expect(taken).to.be.greaterThan(100);
  });
});

function at(text: string): Wall {
  return parseWall(text) ?? expect.fail(`${text} is no local date-time`);
}

function following(pattern: string, start: Wall, count: number): string[] {
  const rule = parseCron(pattern);
  const found: string[] = [];
  for (let wall = rule.after(start); wall !== null && found.length < count; wall = rule.after(wall)) {
    found.push(formatWall(wall));
  }
  return found;
}

function ruleOrNull(pattern: string): ReturnType<typeof parseCron> | null {
  try {
    return parseCron(pattern);
  } catch (error) {
    if (error instanceof InvalidRule) return null;
    throw error;
  }
}

function refusalOf(pattern: string): InvalidRule | null {
  try {
    parseCron(pattern);
    return null;
  } catch (error) {
    expect(error).to.be.instanceOf(InvalidRule);
    return error as InvalidRule;
  }
}
