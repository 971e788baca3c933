import { compileTiming, IntlZoneRules, parseTiming, Recurrence, type Timing } from "@punctual/core";
import { CronExpressionParser } from "cron-parser";
import rrule from "rrule";
import { type Case, compare, type Side } from "./compare.js";
import type { Verdict } from "./verdict.js";

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "Europe/London",
  "Europe/Istanbul",
  "America/New_York",
  "America/Los_Angeles",
  "America/Sao_Paulo",
  "America/St_Johns",
  "America/Santiago",
  "America/Phoenix",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Asia/Tokyo",
  "Asia/Jerusalem",
  "Australia/Sydney",
  "Australia/Lord_Howe",
  "Pacific/Auckland",
  "Pacific/Chatham",
];

const CRON = [
  "* * * * *",
  "*/5 * * * *",
  "0 * * * *",
  "30 9 * * MON-FRI",
  "0 0 1 * *",
  "15 14 1,15 * *",
  "0 8-18/2 * * *",
  "0 12 * * FRI#2",
  "0 6 L * *",
  "0 0 29 2 *",
];

const RRULE = [
  "FREQ=DAILY",
  "FREQ=WEEKLY;BYDAY=MO,WE,FR",
  "FREQ=MONTHLY;BYDAY=-1FR",
  "FREQ=MONTHLY;BYMONTHDAY=31",
  "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
];
const RRULE_START = "2026-01-01T09:00:00";

// rrule makes some twenty answers a second: it counts from the start each time.
const CRON_QUESTIONS = 2_000;
const RRULE_QUESTIONS = 20;
const FIRST_INSTANT = Date.UTC(2026, 0, 1);
const LAST_INSTANT = Date.UTC(2037, 0, 1);

interface Question {
  readonly rule: string;
  readonly zone: string;
  readonly after: number;
}

/**
 * The next occurrence in a zone after random instants, by us, cron-parser and rrule. `parsed` starts from the rule's text
 * each time; `kept` asks rules that were parsed before. Zone data have been read before the clock starts, on both sides.
 */
export function recurrence(): Verdict {
  const random = mulberry32(20_260_101);
  const cron = questions(CRON, CRON_QUESTIONS, random);
  const rules = questions(RRULE, RRULE_QUESTIONS, random);
  return compare({
    name: "recurrence",
    cases: [
      { name: "cron, parsed", ours: ours.parsed(cron, cronTiming), theirs: cronParser.parsed(cron) },
      { name: "cron, kept", ours: ours.kept(cron, cronTiming), theirs: cronParser.kept(cron) },
      { name: "rrule, parsed", ours: ours.parsed(rules, rruleTiming), theirs: rruleLibrary.parsed(rules) },
      { name: "rrule, kept", ours: ours.kept(rules, rruleTiming), theirs: rruleLibrary.kept(rules) },
    ] satisfies Case[],
    targets: { "cron, parsed": 1, "cron, kept": 1, "rrule, parsed": 1, "rrule, kept": 1 },
  });
}

const zones = new IntlZoneRules({ version: process.versions.tz ?? "unknown" });

// Kept rules are found as a worker finds them, by the timing, in the cache that core has for that.
const ours = {
  parsed(asked: readonly Question[], timingOf: (question: Question) => Timing): Side {
    const timings = asked.map(timingOf);
    return () => asked.map(({ after }, index) => compileTiming(timings[index]!, zones).after(after)?.instant ?? null);
  },
  kept(asked: readonly Question[], timingOf: (question: Question) => Timing): Side {
    const cache = new Recurrence(zones);
    const timings = asked.map(timingOf);
    return () => asked.map(({ after }, index) => cache.of(timings[index]!).after(after)?.instant ?? null);
  },
};

function cronTiming({ rule, zone }: Question): Timing {
  return parseTiming({ timeZone: zone, when: { cron: rule } }, zones);
}

function rruleTiming({ rule, zone }: Question): Timing {
  return parseTiming({ timeZone: zone, when: { rrule: rule, start: RRULE_START } }, zones);
}

const cronParser = {
  parsed: (asked: readonly Question[]): Side => {
    return () =>
      asked.map(({ rule, zone, after }) => {
        return CronExpressionParser.parse(rule, { currentDate: after, tz: zone }).next().getTime();
      });
  },
  kept: (asked: readonly Question[]): Side => {
    const parsed = kept(asked, ({ rule, zone }) => CronExpressionParser.parse(rule, { tz: zone }));
    return () =>
      asked.map(({ after }, index) => {
        const expression = parsed[index]!;
        expression.reset(new Date(after));
        return expression.next().getTime();
      });
  },
};

// rrulestr leaves the library's cache of answers off: no two questions of a scheduler are the same.
const rruleLibrary = {
  parsed: (asked: readonly Question[]): Side => {
    return () => asked.map((question) => parseRRule(question).after(new Date(question.after))?.getTime() ?? null);
  },
  kept: (asked: readonly Question[]): Side => {
    const parsed = kept(asked, parseRRule);
    return () => asked.map(({ after }, index) => parsed[index]!.after(new Date(after))?.getTime() ?? null);
  },
};

function parseRRule({ rule, zone }: Question): rrule.RRule | rrule.RRuleSet {
  return rrule.rrulestr(`DTSTART;TZID=${zone}:${RRULE_START.replaceAll(/[:-]/g, "")}\nRRULE:${rule}`);
}

/** One object for each rule and zone, at the place of every question that is about them. */
function kept<T>(asked: readonly Question[], parse: (question: Question) => T): readonly T[] {
  const parsed = new Map<string, T>();
  return asked.map((question) => {
    const key = `${question.zone} ${question.rule}`;
    const found = parsed.get(key) ?? parse(question);
    parsed.set(key, found);
    return found;
  });
}

function questions(rules: readonly string[], count: number, random: () => number): Question[] {
  const pick = (texts: readonly string[]) => texts[Math.floor(random() * texts.length)]!;
  return Array.from({ length: count }, () => ({
    rule: pick(rules),
    zone: pick(ZONES),
    after: FIRST_INSTANT + Math.floor((random() * (LAST_INSTANT - FIRST_INSTANT)) / 1_000) * 1_000,
  }));
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
