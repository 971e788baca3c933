import { expect } from "chai";
import { CronExpressionParser } from "cron-parser";
import { Cron } from "croner";
import fc from "fast-check";
import { parseCron } from "../../src/recurrence/cron.js";
import { InvalidRule } from "../../src/recurrence/local-rule.js";
import { type Wall, formatWall, wallOf } from "../../src/recurrence/wall.js";
import { cronPattern } from "./cron-patterns.js";

interface Fields {
  readonly monthDay: string;
  readonly weekday: string;
  readonly all: readonly string[];
}

/** Where a library means something else. Each has a pattern that shows it, so that a change there is noticed. */
interface Deviation {
  readonly reason: string;
  readonly shownBy: string;
  readonly concerns: (fields: Fields) => boolean;
}

const SHARED: readonly Deviation[] = [
  {
    reason: "refuses ranges that wrap around",
    shownBy: "0 0 * * FRI-MON",
    concerns: ({ all }) => all.some((field) => field.split(",").some(wrapsAround)),
  },
  { reason: "has no offset from the last day", shownBy: "0 0 L-3 * *", concerns: ({ all }) => /L-/i.test(all.join()) },
  {
    reason: "takes a stepped star for a restricted day field, unlike Vixie cron",
    shownBy: "0 0 */2 * MON",
    concerns: ({ monthDay, weekday }) => [monthDay, weekday].some(steppedStar) && ![monthDay, weekday].some(bareStar),
  },
];

const CRONER: readonly Deviation[] = [
  ...SHARED,
  {
    reason: "refuses a step after a single value",
    shownBy: "0/5 * * * *",
    concerns: ({ all }) => all.some((field) => /(^|,)\w+\//.test(field)),
  },
  { reason: "refuses LW in a list", shownBy: "0 0 1,LW * *", concerns: ({ monthDay }) => /,LW/i.test(monthDay) },
  {
    reason: "takes SUN at the end of a range for 7, even after SUN",
    shownBy: "0 0 * * SUN-SUN",
    concerns: ({ weekday }) => /(0|SUN)-SUN/i.test(weekday),
  },
];

const CRON_PARSER: readonly Deviation[] = [
  ...SHARED,
  { reason: "has no W", shownBy: "0 0 15W * *", concerns: ({ monthDay }) => /W/i.test(monthDay) },
  {
    reason: "refuses a small l",
    shownBy: "0 0 l * *",
    concerns: ({ all }) => all.some((field) => /(^|,)l/.test(field)),
  },
  {
    reason: "refuses a # in a list",
    shownBy: "0 0 * * FRI#2,MON",
    concerns: ({ weekday }) => /#/.test(weekday) && /[,/-]/.test(weekday),
  },
  {
    reason: "refuses a value that is named twice",
    shownBy: "5,5 * * * *",
    concerns: ({ all }) => all.some((field) => field.includes(",")),
  },
  {
    reason: "counts Sunday as 7 where a step has no end",
    shownBy: "0 0 * * 1/3",
    concerns: ({ weekday }) => /^\w+\//.test(weekday),
  },
];

const FROM = wallOf(1975, 1, 1);
const TO = wallOf(2150, 1, 1);
const STEPS = 5;

describe("a cron rule and croner", () => {
  compare(CRONER, (pattern, start) =>
    new Cron(pattern, { timezone: "UTC" }).nextRuns(STEPS, new Date(start)).map((date) => date.getTime()),
  );
});

describe("a cron rule and cron-parser", () => {
  compare(CRON_PARSER, (pattern, start) =>
    CronExpressionParser.parse(pattern, { currentDate: new Date(start), tz: "UTC" })
      .take(STEPS)
      .map((date) => date.getTime()),
  );
});

function compare(deviations: readonly Deviation[], theirs: (pattern: string, start: Wall) => Wall[]): void {
  it("agree on 2,000 random patterns", () => {
    let compared = 0;
    const start = fc.integer({ min: FROM / 1_000, max: TO / 1_000 }).map((seconds) => seconds * 1_000);
    const cases = fc.sample(fc.tuple(cronPattern, start), { numRuns: 9_000, seed: 3 });
    for (const [pattern, from] of cases) {
      if (compared === 2_000) break;
      const fields = split(pattern);
      if (deviations.some((deviation) => deviation.concerns(fields))) continue;
      const found = ours(pattern, from);
      if (found === null) continue;
      compared++;
      expect(theirs(pattern, from).map(formatWall), `${pattern} after ${formatWall(from)}`).to.deep.equal(found);
    }
    expect(compared).to.equal(2_000);
  });

  for (const { reason, shownBy, concerns } of deviations) {
    it(`part where the library ${reason}: ${shownBy}`, () => {
      expect(concerns(split(shownBy))).to.equal(true);
      const from = wallOf(2026, 1, 1);
      let answer: string[] | null = null;
      try {
        answer = theirs(shownBy, from).map(formatWall);
      } catch {
        // refused: that is the deviation
      }
      expect(ours(shownBy, from)).to.be.an("array").and.not.deep.equal(answer);
    });
  }
}

function ours(pattern: string, from: Wall): string[] | null {
  try {
    const rule = parseCron(pattern);
    const found: string[] = [];
    for (let wall = rule.after(from); wall !== null && found.length < STEPS; wall = rule.after(wall)) {
      found.push(formatWall(wall));
    }
    return found;
  } catch (error) {
    // Libraries take a rule that never matches; nothing else that the generator makes is refused.
    if (error instanceof InvalidRule && (error.code === "cron_never" || error.code === "cron_range")) return null;
    throw error;
  }
}

function split(pattern: string): Fields {
  const all = pattern.split(" ");
  return { all, monthDay: all.at(-3)!, weekday: all.at(-1)! };
}

function steppedStar(field: string): boolean {
  return !bareStar(field) && /^[*?]/.test(field);
}

function bareStar(field: string): boolean {
  return field === "*" || field === "?";
}

const NAMES = "SUN MON TUE WED THU FRI SAT JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");

function wrapsAround(item: string): boolean {
  const [from, to] = item.toUpperCase().split("/")[0]!.split("-").map(order);
  return from !== undefined && to !== undefined && to < from;
}

function order(value: string): number {
  const named = NAMES.indexOf(value);
  return named < 0 ? Number(value) : named < 7 ? named : named - 6;
}
