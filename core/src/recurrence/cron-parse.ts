import { InvalidRule } from "./local-rule.js";

/**
 * The days that one item of a day field picks in a month, by the weekday of its 1st and by its length: bit 0 is the 1st.
 * Bits past the month's end mean nothing; whoever reads them cuts them off.
 */
export type DayPicker = (firstWeekday: number, length: number) => number;

export interface DayField {
  /** False where the field's text starts with `*` or `?`, whatever follows. */
  readonly restricted: boolean;
  readonly pickers: readonly DayPicker[];
}

export interface CronPattern {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly monthDays: DayField;
  readonly months: readonly number[];
  readonly weekdays: DayField;
}

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly names?: readonly string[];
}

const SECOND: Field = { name: "second", first: 0, last: 59 };
const MINUTE: Field = { name: "minute", first: 0, last: 59 };
const HOUR: Field = { name: "hour", first: 0, last: 23 };
const DAY_OF_MONTH: Field = { name: "day of month", first: 1, last: 31 };
const MONTH: Field = {
  name: "month",
  first: 1,
  last: 12,
  names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
// The week ends on Saturday: `1/3` is Monday and Thursday. That 7 is Sunday too is settled in `value` and `range`.
const DAY_OF_WEEK: Field = {
  name: "day of week",
  first: 0,
  last: 6,
  names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

const MACROS = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

const MAX_LENGTH = 256;

/** Reads five fields, or six with the seconds first, or a macro such as `@daily`. Throws `InvalidRule` alone. */
export function parsePattern(text: string): CronPattern {
  if (text.length > MAX_LENGTH) {
    throw new InvalidRule("cron_too_long", `The cron rule has ${text.length} characters, more than ${MAX_LENGTH}`);
  }
  const fields = splitFields(text);
  if (fields.length === 1 && fields[0]!.startsWith("@")) return parsePattern(expandMacro(fields[0]!));
  if (fields.length === 0) throw new InvalidRule("cron_empty", "The cron rule is empty");
  if (fields.length !== 5 && fields.length !== 6) {
    const order = [MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK].map((field) => field.name).join(", ");
    throw new InvalidRule(
      "cron_fields",
      `A cron rule has five fields (${order}), or six with second first; this has ${fields.length}`,
    );
  }
  if (fields.length === 5) fields.unshift("0");
  const [second, minute, hour, monthDay, month, weekday] = fields as [string, string, string, string, string, string];
  return {
    seconds: values(SECOND, second),
    minutes: values(MINUTE, minute),
    hours: values(HOUR, hour),
    monthDays: dayField(DAY_OF_MONTH, monthDay, monthDayPicker),
    months: values(MONTH, month),
    weekdays: dayField(DAY_OF_WEEK, weekday, weekdayPicker),
  };
}

function splitFields(text: string): string[] {
  return text.split(/[ \t]+/).filter((field) => field !== "");
}

function expandMacro(macro: string): string {
  const pattern = MACROS.get(macro);
  if (pattern !== undefined) return pattern;
  if (macro === "@reboot") throw new InvalidRule("cron_reboot", "`@reboot` names no time: a schedule has no start-up");
  throw new InvalidRule("cron_macro", `\`${macro}\` is not one of ${[...MACROS.keys()].join(", ")}`);
}

function values(field: Field, text: string): number[] {
  return items(field, text).flatMap((item) => range(field, item));
}

function dayField(field: Field, text: string, picker: (item: string) => DayPicker): DayField {
  return { restricted: !text.startsWith("*") && !text.startsWith("?"), pickers: items(field, text).map(picker) };
}

// Upper-casing comes after this check, because it turns some other letters into ASCII ones (`ſ` into `S`).
function items(field: Field, text: string): string[] {
  const strange = /[^0-9A-Za-z*?,/#-]/u.exec(text);
  if (strange !== null) throw invalid("cron_syntax", field, `${JSON.stringify(strange[0])} has no meaning`);
  return text.toUpperCase().split(",");
}

function monthDayPicker(item: string): DayPicker {
  if (item === "L") return (_, length) => dayBit(length);
  if (item === "LW") return (firstWeekday, length) => nearestWeekday(length, firstWeekday, length);
  if (item.startsWith("L-")) {
    const back = number(DAY_OF_MONTH, item, item.slice(2), 1, 30);
    return (_, length) => dayBit(length - back);
  }
  if (item.endsWith("W")) {
    const day = number(DAY_OF_MONTH, item, item.slice(0, -1), 1, 31);
    return (firstWeekday, length) => nearestWeekday(day, firstWeekday, length);
  }
  const days = range(DAY_OF_MONTH, item).reduce((bits, day) => bits | dayBit(day), 0);
  return () => days;
}

function weekdayPicker(item: string): DayPicker {
  const hash = item.indexOf("#");
  if (hash < 0 && !item.endsWith("L")) {
    const days = range(DAY_OF_WEEK, item);
    return (firstWeekday) => days.reduce((bits, day) => bits | everyWeek(day, firstWeekday), 0);
  }
  const day = value(DAY_OF_WEEK, item, item.slice(0, hash < 0 ? -1 : hash)) % 7;
  const nth = hash < 0 ? "L" : item.slice(hash + 1);
  if (nth === "L") return (firstWeekday, length) => everyWeek(day, firstWeekday) & (SEVEN_DAYS << (length - 7));
  const week = number(DAY_OF_WEEK, item, nth, 1, 5);
  return (firstWeekday) => everyWeek(day, firstWeekday) & (SEVEN_DAYS << (7 * (week - 1)));
}

const SEVEN_DAYS = 0b111_1111;
const EVERY_SEVENTH = (1 << 0) | (1 << 7) | (1 << 14) | (1 << 21) | (1 << 28);

function everyWeek(weekday: number, firstWeekday: number): number {
  return EVERY_SEVENTH << ((weekday - firstWeekday + 7) % 7);
}

function dayBit(day: number): number {
  return day < 1 ? 0 : 1 << (day - 1);
}

/** Monday to Friday nearest to the day, never out of the month; a month without the day has none. */
function nearestWeekday(day: number, firstWeekday: number, length: number): number {
  if (day > length) return 0;
  const weekday = (firstWeekday + day - 1) % 7;
  if (weekday === 6) return dayBit(day === 1 ? 3 : day - 1);
  if (weekday === 0) return dayBit(day === length ? day - 2 : day + 1);
  return dayBit(day);
}

/**
 * `*`, `a`, `a-b`, each with `/n` or not; `a/n` runs to the field's last value. A range whose end is before its start
 * goes on past the field's last value at its first, and its step with it: FRI-MON is four days, 22-3/2 is 22, 0 and 2.
 * In the day of month it is refused, because months end on different days.
 */
function range(field: Field, item: string): number[] {
  const slash = item.indexOf("/");
  const span = slash < 0 ? item : item.slice(0, slash);
  const step = slash < 0 ? 1 : stepOf(field, item.slice(slash + 1));
  const dash = span.indexOf("-");
  let from = field.first;
  let to = field.last;
  if (dash >= 0) {
    from = value(field, item, span.slice(0, dash));
    to = value(field, item, span.slice(dash + 1));
  } else if (span !== "*" && !(span === "?" && isDayField(field))) {
    from = value(field, item, span);
    if (slash < 0) to = from;
  }
  // Sunday is 0 where a range starts; where one ends it stays 7, so that 5-7 and 0-7 run upwards.
  if (from > field.last) {
    from = field.first;
    if (to > field.last) to = field.first;
  }
  if (to < from) {
    if (field === DAY_OF_MONTH) throw invalid("cron_range", field, `\`${item}\` ends before it starts`);
    to += sizeOf(field);
  }
  const found: number[] = [];
  for (let at = from; at <= to; at += step) found.push(at > field.last ? at - sizeOf(field) : at);
  return found;
}

function isDayField(field: Field): boolean {
  return field === DAY_OF_MONTH || field === DAY_OF_WEEK;
}

function sizeOf(field: Field): number {
  return field.last - field.first + 1;
}

// A longer step could only mean the first value alone: who writes `*/90` for minutes expects something else.
function stepOf(field: Field, text: string): number {
  const step = isDigits(text) ? Number(text) : 0;
  if (step >= 1 && step <= sizeOf(field)) return step;
  throw invalid("cron_step", field, `the step \`${text}\` is not a number from 1 to ${sizeOf(field)}`);
}

function value(field: Field, item: string, text: string): number {
  const name = field.names?.indexOf(text) ?? -1;
  return name < 0 ? number(field, item, text, field.first, field === DAY_OF_WEEK ? 7 : field.last) : field.first + name;
}

function number(field: Field, item: string, text: string, min: number, max: number): number {
  if (!isDigits(text)) {
    throw invalid("cron_syntax", field, item === "" ? "a value is missing" : `\`${item}\` cannot be read`);
  }
  const found = Number(text);
  if (found >= min && found <= max) return found;
  throw invalid("cron_value", field, `\`${text}\` is not from ${min} to ${max}`);
}

function isDigits(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

function invalid(code: string, field: Field, reason: string): InvalidRule {
  return new InvalidRule(code, `In the ${field.name} field, ${reason}`);
}
