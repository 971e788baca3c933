import { InvalidRule } from "../local-rule.js";
import { DAY, HOUR, MINUTE, SECOND, daysInMonth, wallOf, type Wall } from "../wall.js";

export type Frequency = "SECONDLY" | "MINUTELY" | "HOURLY" | "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY";

/** An RRULE read and checked, before its start fills in what it leaves out. Lists are sorted and hold nothing twice. */
export interface RRuleParts {
  readonly freq: Frequency;
  readonly interval: number;
  readonly count: number | null;
  readonly until: Wall | null;
  readonly bySecond: readonly number[] | null;
  readonly byMinute: readonly number[] | null;
  readonly byHour: readonly number[] | null;
  /** As `dayCode` makes them. */
  readonly byDay: readonly number[] | null;
  readonly byMonthDay: readonly number[] | null;
  readonly byYearDay: readonly number[] | null;
  readonly byWeekNo: readonly number[] | null;
  readonly byMonth: readonly number[] | null;
  readonly bySetPos: readonly number[] | null;
  /** 0 is Sunday. */
  readonly weekStart: number;
}

/** One number for a weekday and its ordinal, where 0 stands for every such weekday. */
export const dayCode = (ordinal: number, weekday: number) => ordinal * 7 + weekday;

const FREQUENCIES: readonly string[] = ["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
const WEEKDAYS: readonly string[] = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

const NAMES = [
  "FREQ",
  "INTERVAL",
  "COUNT",
  "UNTIL",
  "BYSECOND",
  "BYMINUTE",
  "BYHOUR",
  "BYDAY",
  "BYMONTHDAY",
  "BYYEARDAY",
  "BYWEEKNO",
  "BYMONTH",
  "BYSETPOS",
  "WKST",
] as const;
type PartName = (typeof NAMES)[number];
type PartValues = ReadonlyMap<PartName, string>;

/** The "N/A" cells of the table in RFC 5545, section 3.3.10. */
const NOT_WITH: readonly (readonly [PartName, readonly Frequency[]])[] = [
  ["BYMONTHDAY", ["WEEKLY"]],
  ["BYYEARDAY", ["DAILY", "WEEKLY", "MONTHLY"]],
  ["BYWEEKNO", ["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY"]],
];

const MAX_TEXT = 1_000;
const MAX_DIGITS = 10;
const MAX_INTERVAL = 9_999_999_999;
/** The end of a counted rule is found by walking to it. */
const MAX_COUNT = 10_000;

/** Reads RFC 5545 and no more: SKIP and RSCALE of RFC 7529 are unknown parts. Throws `InvalidRule` alone. */
export function readParts(text: string): RRuleParts {
  const values = split(text);
  const freq = readFrequency(values);
  const parts: RRuleParts = {
    freq,
    interval: readNumber(values, "INTERVAL", MAX_INTERVAL) ?? 1,
    count: readCount(values),
    until: readUntil(values),
    bySecond: readList(values, "BYSECOND", 0, 59),
    byMinute: readList(values, "BYMINUTE", 0, 59),
    byHour: readList(values, "BYHOUR", 0, 23),
    byDay: readDays(values, freq),
    byMonthDay: readOrdinals(values, "BYMONTHDAY", 31),
    byYearDay: readOrdinals(values, "BYYEARDAY", 366),
    byWeekNo: readOrdinals(values, "BYWEEKNO", 53),
    byMonth: readList(values, "BYMONTH", 1, 12),
    bySetPos: readOrdinals(values, "BYSETPOS", 366),
    weekStart: readWeekStart(values),
  };
  refuseMisplaced(values, freq);
  return parts;
}

function split(text: string): PartValues {
  if (text.length > MAX_TEXT) {
    throw new InvalidRule("rrule_too_long", `The rule has ${text.length} characters, and may have ${MAX_TEXT}`);
  }
  // Before changing case, or the dotless i would pass for an I.
  const foreign = /[^\x21-\x7e]/.exec(text);
  if (foreign !== null) {
    const shown = JSON.stringify(foreign[0]);
    throw new InvalidRule("rrule_character", `The rule has ${shown} at ${foreign.index}, which is in no RRULE`);
  }
  const upper = text.toUpperCase();
  const body = upper.startsWith("RRULE:") ? upper.slice(6) : upper;
  const values = new Map<PartName, string>();
  for (const part of body === "" ? [] : body.split(";")) {
    const equals = part.indexOf("=");
    const name = part.slice(0, Math.max(equals, 0));
    const value = part.slice(equals + 1);
    if (equals <= 0) throw new InvalidRule("rrule_part_malformed", `"${part}" is not of the form NAME=VALUE`);
    if (!isPartName(name)) throw new InvalidRule("rrule_part_unknown", `${name} is not a part of RFC 5545`);
    if (values.has(name)) throw new InvalidRule("rrule_part_duplicate", `${name} stands twice`);
    if (value === "") throw new InvalidRule("rrule_part_empty", `${name} has no value`);
    values.set(name, value);
  }
  return values;
}

function isPartName(name: string): name is PartName {
  return (NAMES as readonly string[]).includes(name);
}

function readFrequency(values: PartValues): Frequency {
  const value = values.get("FREQ");
  if (value === undefined) throw new InvalidRule("rrule_freq_missing", "FREQ is missing");
  if (!isFrequency(value)) {
    throw new InvalidRule("rrule_freq_unknown", `FREQ=${value} is not one of ${FREQUENCIES.join(", ")}`);
  }
  return value;
}

function isFrequency(value: string): value is Frequency {
  return FREQUENCIES.includes(value);
}

function readNumber(values: PartValues, name: PartName, max: number): number | null {
  const value = values.get(name);
  if (value === undefined) return null;
  if (/^[+-]/.test(value)) throw new InvalidRule("rrule_part_value", `${name}=${value} must be digits`);
  return toNumber(name, value, 1, max);
}

function readCount(values: PartValues): number | null {
  if (values.has("COUNT") && values.has("UNTIL")) {
    throw new InvalidRule("rrule_count_and_until", "COUNT and UNTIL may not stand in one rule");
  }
  const count = readNumber(values, "COUNT", MAX_INTERVAL);
  if (count !== null && count > MAX_COUNT) {
    throw new InvalidRule("rrule_count_high", `COUNT=${count} is more than ${MAX_COUNT}; use UNTIL for longer series`);
  }
  return count;
}

const UNTIL_TEXT = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/;

function readUntil(values: PartValues): Wall | null {
  const value = values.get("UNTIL");
  if (value === undefined) return null;
  const match = UNTIL_TEXT.exec(value);
  if (match?.[7] === "Z") {
    throw new InvalidRule(
      "rrule_until_zoned",
      `UNTIL=${value} is an instant, but the rule is on the wall clock: ` +
        `use the schedule's own \`until\`, or a local UNTIL without the Z`,
    );
  }
  const part = (index: number) => Number(match?.[index] ?? -1);
  const until = match && dateTime(part(1), part(2), part(3), part(4), part(5), part(6));
  if (until === null) {
    throw new InvalidRule("rrule_until_value", `UNTIL=${value} is not a date-time such as 20271231T170000`);
  }
  return until;
}

/** A date alone ends with its day, so that the last occurrence may be at any time of it. */
function dateTime(year: number, month: number, day: number, hour: number, minute: number, second: number): Wall | null {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  return wallOf(year, month, day, hour < 0 ? DAY - SECOND : hour * HOUR + minute * MINUTE + second * SECOND);
}

function readList(values: PartValues, name: PartName, min: number, max: number): readonly number[] | null {
  const items = values.get(name)?.split(",");
  return items === undefined ? null : sortedSet(items.map((item) => toNumber(name, item, min, max)));
}

function readOrdinals(values: PartValues, name: PartName, max: number): readonly number[] | null {
  const items = values.get(name)?.split(",");
  return items === undefined ? null : sortedSet(items.map((item) => toOrdinal(name, item, max)));
}

function readDays(values: PartValues, freq: Frequency): readonly number[] | null {
  const items = values.get("BYDAY")?.split(",");
  if (items === undefined) return null;
  const codes = items.map((item) => {
    const ordinal = item.slice(0, -2);
    const code = dayCode(ordinal === "" ? 0 : toOrdinal("BYDAY", ordinal, 53), toWeekday("BYDAY", item.slice(-2)));
    if (ordinal !== "") refuseOrdinal(item, freq, values);
    return code;
  });
  return sortedSet(codes);
}

function refuseOrdinal(item: string, freq: Frequency, values: PartValues): void {
  if (freq !== "MONTHLY" && freq !== "YEARLY") {
    throw new InvalidRule("rrule_byday_ordinal", `BYDAY=${item} counts weekdays, which FREQ=${freq} cannot`);
  }
  if (values.has("BYWEEKNO")) {
    throw new InvalidRule("rrule_byday_ordinal", `BYDAY=${item} counts weekdays, which it may not beside BYWEEKNO`);
  }
}

function readWeekStart(values: PartValues): number {
  return toWeekday("WKST", values.get("WKST") ?? "MO");
}

function refuseMisplaced(values: PartValues, freq: Frequency): void {
  for (const [name, frequencies] of NOT_WITH) {
    if (values.has(name) && frequencies.includes(freq)) {
      throw new InvalidRule("rrule_part_misplaced", `${name} may not be used with FREQ=${freq}`);
    }
  }
  const by = [...values.keys()].filter((name) => name.startsWith("BY"));
  if (by.length === 1 && by[0] === "BYSETPOS") {
    throw new InvalidRule("rrule_bysetpos_alone", "BYSETPOS needs another BY… part to choose from");
  }
}

function toWeekday(name: PartName, text: string): number {
  const weekday = WEEKDAYS.indexOf(text);
  if (weekday < 0) throw new InvalidRule("rrule_part_value", `${name} has "${text}" for a weekday`);
  return weekday;
}

/** Counted from the front, or with a minus from the back. */
function toOrdinal(name: PartName, text: string, max: number): number {
  const ordinal = toNumber(name, text, -max, max);
  if (ordinal === 0) throw new InvalidRule("rrule_part_zero", `${name} counts from 1 or from -1, never from 0`);
  return ordinal;
}

function toNumber(name: PartName, text: string, min: number, max: number): number {
  const signed = min < 0 ? /^[+-]?\d+$/ : /^\d+$/;
  if (!signed.test(text)) throw new InvalidRule("rrule_part_value", `${name} has "${text}" for a number`);
  const digits = text.length - (/^\d/.test(text) ? 0 : 1);
  const value = Number(text);
  if (digits > MAX_DIGITS || value < min || value > max) {
    const hint = name === "BYSECOND" && value === 60 ? "; leap seconds are on no wall clock" : "";
    throw new InvalidRule("rrule_part_range", `${name} has ${text}, and runs from ${min} to ${max}${hint}`);
  }
  return value;
}

function sortedSet(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
