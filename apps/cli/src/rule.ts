import type { schedules } from "@punctual/api/contract";
import type { AnswerOf } from "./api/read-answer.js";
import { usage } from "./failure.js";

/** Reading a rule as people write it into what the API and the core call `when`. */

export type WhenInput = Readonly<Record<string, unknown>>;

type When = AnswerOf<(typeof schedules)["get"]>["when"];

export interface RuleOptions {
  readonly start?: string | undefined;
  readonly exdate?: readonly string[] | undefined;
}

const YEARLY = /^(\d{1,2})-(\d{1,2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?$/;

/** By its looks: `MM-DD`, a local date-time, a duration, an RRULE, or else cron. */
export function ruleOf(text: string, options: RuleOptions): WhenInput {
  const rule = text.trim();
  if (YEARLY.test(rule)) return yearlyOf(rule);
  if (/^\d{4}-\d{2}-\d{2}/.test(rule)) return { at: rule };
  if (/^P[\dT]/i.test(rule)) return everyOf(rule, options);
  return /(^RRULE:|FREQ=)/i.test(rule) ? rruleOf(rule, options) : { cron: rule };
}

/** `12-24`, `12-24 18:30`; at nine, if no time is said. */
export function yearlyOf(text: string): WhenInput {
  const [whole, month, day, time = "09:00"] = YEARLY.exec(text.trim()) ?? [];
  if (whole === undefined) throw usage(`${JSON.stringify(text)} is no day of a year such as 12-24 or "12-24 18:30"`);
  return { yearly: { month: Number(month), day: Number(day), time } };
}

export function everyOf(every: string, { start }: RuleOptions): WhenInput {
  if (start === undefined)
    throw usage("a duration is counted from somewhere: say --start, such as 2027-01-01T00:00:00Z");
  return { every, start };
}

export function rruleOf(text: string, { start, exdate }: RuleOptions): WhenInput {
  if (start === undefined) throw usage("an RRULE begins somewhere: say --start, a local date-time");
  return { rrule: text.replace(/^RRULE:/i, ""), start, ...(exdate !== undefined && { exdates: exdate }) };
}

/** The same in words, for a table. */
export function whenText(when: When): string {
  if ("yearly" in when) return `yearly ${two(when.yearly.month)}-${two(when.yearly.day)} ${when.yearly.time}`;
  if ("cron" in when) return `cron ${when.cron}`;
  if ("rrule" in when) return `${when.rrule} from ${when.start}`;
  return "every" in when ? `every ${when.every} from ${when.start}` : `at ${when.at}`;
}

const two = (number: number) => String(number).padStart(2, "0");
