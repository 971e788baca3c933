import { expect } from "chai";
import rruleLibrary from "rrule";
import { RRuleTemporal } from "rrule-temporal";
import { Temporal } from "temporal-polyfill";
import type { LocalRule } from "../../src/recurrence/local-rule.js";
import { parseRRule } from "../../src/recurrence/rrule.js";
import {
  DAY,
  FIRST_WALL,
  HOUR,
  LAST_WALL,
  MINUTE,
  SECOND,
  dateFromDays,
  formatWall,
  wallOf,
  weekday,
  type Wall,
} from "../../src/recurrence/wall.js";

const RULES = 2_800;
const OCCURRENCES = 30;
/** Both libraries go from one period to the next, from the start on; what lies further than this they need too long for. */
const PERIODS = 4_000;

const PERIOD_MS = {
  SECONDLY: SECOND,
  MINUTELY: MINUTE,
  HOURLY: HOUR,
  DAILY: DAY,
  WEEKLY: 7 * DAY,
  MONTHLY: 30 * DAY,
  YEARLY: 365 * DAY,
};
type Frequency = keyof typeof PERIOD_MS;
const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

interface RandomRule {
  readonly freq: Frequency;
  readonly interval: number;
  readonly parts: ReadonlyMap<string, string>;
  readonly start: Wall;
}

describe("parseRRule beside the rrule library", () => {
  const random = prng(20_270_314);
  const rules = Array.from({ length: RULES }, () => randomRule(random)).filter((rule) => !isOtherThanRRule(rule));

  it("produces the same occurrences for random rules", () => {
    let complete = 0;
    for (const rule of rules) {
      const { expected, isComplete } = reachable(rule, OCCURRENCES);
      const actual = fromRRule(rule, isComplete ? OCCURRENCES : expected.length);
      expect(actual.map(formatWall), textOf(rule)).to.deep.equal(expected.map(formatWall));
      if (isComplete) complete++;
    }
    expect(rules.length).to.be.greaterThan(1_500);
    expect(complete / rules.length).to.be.greaterThan(0.75);
  });
});

describe("parseRRule beside the rrule-temporal library", () => {
  const random = prng(19_970_902);
  const rules = Array.from({ length: 1_200 }, () => randomRule(random)).filter((rule) => !isOtherThanTemporal(rule));

  it("produces the same occurrences for random rules", () => {
    for (const rule of rules) {
      const { expected } = reachable(rule, 10);
      const actual = fromTemporal(rule, expected.length);
      expect(actual.map(formatWall), textOf(rule)).to.deep.equal(expected.map(formatWall));
    }
    expect(rules.length).to.be.greaterThan(200);
  });
});

describe("parseRRule, backwards and from anywhere", () => {
  it("walks back over the same occurrences", () => {
    const random = prng(5_545);
    for (let i = 0; i < 2_000; i++) {
      const rule = randomRule(random);
      const parsed = parse(rule);
      const forward = walk(parsed, FIRST_WALL - 1, 12);
      const back: Wall[] = [];
      const past = forward.length === 12 ? forward.at(-1)! + SECOND : LAST_WALL + 1;
      for (let at = parsed.before(past); at !== null && back.length <= 12; at = parsed.before(at)) back.unshift(at);
      expect(back.map(formatWall), textOf(rule)).to.deep.equal(forward.map(formatWall));
    }
  });

  it("gives from a random moment what a walk from the start comes to", () => {
    const random = prng(3_339);
    for (let i = 0; i < 2_000; i++) {
      const rule = randomRule(random);
      const parsed = parse(rule);
      const forward = walk(parsed, FIRST_WALL - 1, 40);
      if (forward.length < 2) continue;
      const wall = forward[0]! + Math.floor(random() * (forward.at(-1)! - forward[0]!));
      const shown = `${textOf(rule)} at ${formatWall(wall)}`;
      expect(parsed.after(wall), shown).to.equal(forward.find((each) => each > wall));
      expect(parsed.before(wall + 1), shown).to.equal(forward.findLast((each) => each <= wall));
    }
  });

  it("keeps the phase of the start, however far from it", () => {
    const random = prng(1_582);
    for (let i = 0; i < 2_000; i++) {
      const rule = randomRule(random);
      if (rule.parts.has("COUNT") || rule.parts.has("UNTIL")) continue;
      const far = wallOf(2000 + Math.floor(random() * 7_900), 1, 1);
      const found = parse(rule).after(far);
      if (found === null) continue;
      const shown = `${textOf(rule)} at ${formatWall(found)}`;
      const periods = periodNumber(rule, found) - periodNumber(rule, rule.start);
      expect(periods % rule.interval, shown).to.equal(0);
      expect(parse(rule).before(found + 1), shown).to.equal(found);
    }
  });
});

function prng(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function randomRule(random: () => number): RandomRule {
  const whole = (min: number, max: number) => min + Math.floor(random() * (max - min + 1));
  const chance = (probability: number) => random() < probability;
  // Sorted and without duplicates, because the libraries keep both as they are.
  const list = (item: () => string | number) =>
    [...new Set(Array.from({ length: whole(1, 4) }, item))].sort((a, b) => Number(a) - Number(b)).join(",");
  const ordinal = (max: number) => whole(1, max) * (chance(0.35) ? -1 : 1);

  const freq = Object.keys(PERIOD_MS)[whole(0, 6)] as Frequency;
  const isBelowDay = PERIOD_MS[freq] < DAY;
  const hasOrdinals = freq === "MONTHLY" || freq === "YEARLY";
  const parts = new Map<string, string>([["FREQ", freq]]);
  const interval = chance(0.5) ? 1 : whole(1, chance(0.2) ? 100 : 7);
  if (interval > 1) parts.set("INTERVAL", String(interval));
  if (chance(freq === "YEARLY" ? 0.5 : 0.2))
    parts.set(
      "BYMONTH",
      list(() => whole(1, 12)),
    );
  if (freq === "YEARLY" && chance(0.25))
    parts.set(
      "BYWEEKNO",
      list(() => ordinal(53)),
    );
  if ((freq === "YEARLY" || isBelowDay) && chance(0.2))
    parts.set(
      "BYYEARDAY",
      list(() => ordinal(366)),
    );
  if (freq !== "WEEKLY" && chance(isBelowDay ? 0.15 : 0.35))
    parts.set(
      "BYMONTHDAY",
      list(() => ordinal(31)),
    );
  if (chance(0.4)) {
    const inMonth = freq === "MONTHLY" || parts.has("BYMONTH");
    const isCounted = hasOrdinals && !parts.has("BYWEEKNO") && chance(0.5);
    const day = () => (isCounted && chance(0.8) ? ordinal(inMonth ? 5 : 53) : "") + WEEKDAYS[whole(0, 6)]!;
    parts.set("BYDAY", list(day));
  }
  if (chance(0.25))
    parts.set(
      "BYHOUR",
      list(() => whole(0, 23)),
    );
  if (chance(0.25))
    parts.set(
      "BYMINUTE",
      list(() => whole(0, 59)),
    );
  if (chance(0.2))
    parts.set(
      "BYSECOND",
      list(() => whole(0, 59)),
    );
  const hasBy = [...parts.keys()].some((name) => name.startsWith("BY"));
  if (hasBy && chance(0.35))
    parts.set(
      "BYSETPOS",
      list(() => ordinal(chance(0.8) ? 4 : 366)),
    );
  if (chance(0.3)) parts.set("WKST", WEEKDAYS[whole(0, 6)]!);

  // Near the end of time a library finds out soon that nothing more comes.
  const year = chance(0.8) ? whole(1970, 2105) : whole(9980, 9999);
  const start = wallOf(year, whole(1, 12), whole(1, 28)) + whole(0, 86_399) * SECOND;
  if (chance(0.15)) parts.set("COUNT", String(whole(1, 40)));
  else if (chance(0.15)) {
    const until = Math.min(LAST_WALL, start + whole(0, 40) * interval * PERIOD_MS[freq]);
    parts.set("UNTIL", formatWall(until).replaceAll(/[-:]/g, ""));
  }
  return { freq, interval, parts, start };
}

function textOf(rule: RandomRule): string {
  return `${formatWall(rule.start)} ${ruleText(rule.parts)}`;
}

function ruleText(parts: ReadonlyMap<string, string>): string {
  return [...parts].map(([name, value]) => `${name}=${value}`).join(";");
}

function parse(rule: RandomRule): LocalRule {
  return parseRRule({ rrule: ruleText(rule.parts), start: rule.start });
}

function walk(rule: LocalRule, from: Wall, limit: number): Wall[] {
  const walls: Wall[] = [];
  for (let at = rule.after(from); at !== null && walls.length < limit; at = rule.after(at)) walls.push(at);
  return walls;
}

/** The first occurrences, as far as a library gets in `PERIODS`, and whether these are all that were asked for. */
function reachable(rule: RandomRule, limit: number): { expected: readonly Wall[]; isComplete: boolean } {
  const all = walk(parse(rule), FIRST_WALL - 1, limit);
  const horizon = rule.start + PERIODS * rule.interval * PERIOD_MS[rule.freq];
  const isEndless = all.length === limit || rule.parts.has("COUNT");
  const unending = parseRRule({ rrule: ruleText(withoutUntil(rule.parts)), start: rule.start });
  const needed = isEndless ? (all.at(-1) ?? LAST_WALL) : (unending.after(all.at(-1) ?? rule.start - 1) ?? LAST_WALL);
  return { expected: all.filter((wall) => wall <= horizon), isComplete: needed <= horizon };
}

function withoutUntil(parts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...parts].filter(([name]) => name !== "UNTIL"));
}

function periodNumber(rule: RandomRule, wall: Wall): number {
  const days = Math.floor(wall / DAY);
  const { year, month } = dateFromDays(days);
  const weekStart = WEEKDAYS.indexOf(rule.parts.get("WKST") ?? "MO");
  if (rule.freq === "YEARLY") return year;
  if (rule.freq === "MONTHLY") return year * 12 + month;
  if (rule.freq === "WEEKLY") return Math.floor((days - ((weekday(days) - weekStart + 7) % 7)) / 7);
  return Math.floor(wall / PERIOD_MS[rule.freq]);
}

function fromRRule(rule: RandomRule, limit: number): Wall[] {
  const walls: Wall[] = [];
  if (limit === 0) return walls;
  const options = rruleLibrary.RRule.parseString(ruleText(rule.parts));
  new rruleLibrary.RRule({ ...options, dtstart: new Date(rule.start) }).all((date) => {
    walls.push(date.getTime());
    return walls.length < limit;
  });
  // Its last week runs on into the year 10000.
  return walls.filter((wall) => wall <= LAST_WALL);
}

function fromTemporal(rule: RandomRule, limit: number): Wall[] {
  if (limit === 0) return [];
  const dtstart = Temporal.Instant.fromEpochMilliseconds(rule.start).toZonedDateTimeISO("UTC");
  const parts = new Map(rule.parts);
  if (parts.has("UNTIL")) parts.set("UNTIL", `${parts.get("UNTIL")!}Z`);
  const other = new RRuleTemporal({ rruleString: ruleText(parts), dtstart });
  return other.all((_, index) => index < limit).map((zoned) => zoned.epochMilliseconds);
}

/** Where rrule 2.8.1 leaves RFC 5545, as its source shows; the other library stands for these rules. */
function isOtherThanRRule(rule: RandomRule): boolean {
  return [isWeekWithoutDay, isMixOfWeekdays, isBackwardPosition, isPartOfWeek, isCarriedOver].some((is) => is(rule));
}

/** It takes all seven days of the week; the RFC takes what a rule does not say, here the weekday, from the start. */
function isWeekWithoutDay({ parts }: RandomRule): boolean {
  return parts.has("BYWEEKNO") && !["BYDAY", "BYMONTHDAY", "BYYEARDAY"].some((name) => parts.has(name));
}

/** `BYDAY=TU,1MO` is a list, so either will do; both libraries ask for a day that is both, or drop one. */
function isMixOfWeekdays({ parts }: RandomRule): boolean {
  const days = parts.get("BYDAY")?.split(",") ?? [];
  return days.some((day) => day.length === 2) && days.some((day) => day.length > 2);
}

/** It takes the first of a set for a position before the first, and repeats what two positions both point at. */
function isBackwardPosition({ parts }: RandomRule): boolean {
  const positions = parts.get("BYSETPOS") ?? "";
  return positions.includes("-") && positions !== "-1";
}

/** It has the first week begin on the start's day, so that positions count from there; months and years it takes whole. */
function isPartOfWeek({ freq, parts, start }: RandomRule): boolean {
  const weekStart = WEEKDAYS.indexOf(parts.get("WKST") ?? "MO");
  return freq === "WEEKLY" && parts.has("BYSETPOS") && weekday(Math.floor(start / DAY)) !== weekStart;
}

/**
 * When minutes run over into an hour that BYHOUR refuses, it adds the same number of hours again instead of the interval,
 * so it loses the phase or never ends; and so with seconds.
 */
function isCarriedOver({ freq, interval, parts }: RandomRule): boolean {
  const isLimited = parts.has("BYHOUR") || (freq === "SECONDLY" && parts.has("BYMINUTE"));
  const jumpsDays = ["BYMONTH", "BYYEARDAY", "BYMONTHDAY", "BYDAY"].some((name) => parts.has(name));
  return (freq === "MINUTELY" || freq === "SECONDLY") && isLimited && (interval > 1 || jumpsDays);
}

/** Where rrule-temporal 2.2.7 leaves RFC 5545. */
function isOtherThanTemporal(rule: RandomRule): boolean {
  return isMixOfWeekdays(rule) || isManyDayParts(rule);
}

/** Of several parts that name days of a year it keeps one and forgets the others, where the RFC wants days of all. */
function isManyDayParts({ freq, parts }: RandomRule): boolean {
  const [yearDay, weekNo, monthDay, day] = ["BYYEARDAY", "BYWEEKNO", "BYMONTHDAY", "BYDAY"].map((name) =>
    parts.get(name),
  );
  if (freq !== "YEARLY") return false;
  if (yearDay !== undefined) return (weekNo ?? monthDay ?? day) !== undefined;
  return monthDay !== undefined && (weekNo !== undefined || (day !== undefined && /\d/.test(day)));
}
