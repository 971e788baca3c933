/**
 * A local date-time without a zone, as the milliseconds since 1970-01-01T00:00 that it would have if it were UTC. It is
 * not an instant: what turns it into one is `resolve.ts`, and nothing else.
 */
export type Wall = number;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Days between 1970-01-01 and a date of the proleptic Gregorian calendar. `month` counts from 1. */
export function daysFromDate(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function dateFromDays(days: number): CalendarDate {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted + (shifted < 10 ? 3 : -9);
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** 0 is Sunday, as in cron. */
export function weekday(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

export function wallOf(year: number, month: number, day: number, timeOfDayMs = 0): Wall {
  return daysFromDate(year, month, day) * DAY + timeOfDayMs;
}

/** Local date-times run from the year 1970 to the year 9999. */
export const FIRST_WALL: Wall = 0;
export const LAST_WALL: Wall = wallOf(9999, 12, 31, DAY - SECOND);

const WALL_TEXT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/;

/** `2027-03-14T09:00`, `2027-03-14T09:00:00` or with milliseconds behind it; null for all else, and for days that no calendar has. */
export function parseWall(text: string): Wall | null {
  const parts = WALL_TEXT.exec(text);
  if (parts === null) return null;
  const date = checkedDate(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  const time = checkedTime(Number(parts[4]), Number(parts[5]), Number(parts[6] ?? 0));
  if (date === null || time === null) return null;
  const wall = date * DAY + time + Number((parts[7] ?? "").padEnd(3, "0"));
  return wall < FIRST_WALL || wall > LAST_WALL ? null : wall;
}

const DATE_TEXT = /^(\d{4})-(\d{2})-(\d{2})$/;

/** `1990-02-29` is null: that day never was. */
export function parseDate(text: string): CalendarDate | null {
  const parts = DATE_TEXT.exec(text);
  if (parts === null) return null;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  return checkedDate(year, month, day) === null ? null : { year, month, day };
}

const TIME_TEXT = /^(\d{2}):(\d{2})(?::(\d{2}))?$/;

/** Milliseconds since midnight of `09:00` or `09:00:30`. */
export function parseTimeOfDay(text: string): number | null {
  const parts = TIME_TEXT.exec(text);
  return parts === null ? null : checkedTime(Number(parts[1]), Number(parts[2]), Number(parts[3] ?? 0));
}

function checkedDate(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return daysFromDate(year, month, day);
}

function checkedTime(hour: number, minute: number, second: number): number | null {
  if (hour > 23 || minute > 59 || second > 59) return null;
  return hour * HOUR + minute * MINUTE + second * SECOND;
}

/** `2027-03-14T09:00:00`, and with a fraction only where there is one. */
export function formatWall(wall: Wall): string {
  const text = new Date(wall).toISOString();
  return text.endsWith(".000Z") ? text.slice(0, 19) : text.slice(0, 23);
}

/** `+05:30`; with seconds only where the offset has them. */
export function formatOffset(offsetMs: number): string {
  const size = Math.abs(offsetMs) / SECOND;
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const seconds = size % 60 === 0 ? "" : `:${two(size % 60)}`;
  return `${offsetMs < 0 ? "-" : "+"}${two(size / 3600)}:${two((size / 60) % 60)}${seconds}`;
}
