import { type CronPattern, type DayField, parsePattern } from "./cron-parse.js";
import { InvalidRule, type LocalRule } from "./local-rule.js";
import { DAY, FIRST_WALL, LAST_WALL, SECOND, type Wall, dateFromDays, daysInMonth, weekday } from "./wall.js";

/*
 * What keeps the searches short:
 *   C1. a month is known by the weekday of its 1st and by its length, so 28 masks made once answer for all of them;
 *   C2. within any 41 years each month, and February of either length, begins on each weekday: a rule with a day in one
 *       such mask has a match in that time, and a rule without one is refused, so no search is for nothing.
 */

/** Five fields, or six with the seconds first, as a rule on the wall clock; throws `InvalidRule` and nothing else. */
export function parseCron(text: string): LocalRule {
  const pattern = parsePattern(text);
  const days = daysByMonthShape(pattern);
  if (!pattern.months.some((month) => monthShapes(month).some((shape) => days[shape] !== 0))) {
    const reason = "no day is one that a listed month has and the day of week allows";
    throw new InvalidRule("cron_never", `In the day of month field, ${reason}`);
  }
  return new CronRule(pattern, days);
}

const LAST_SECOND_OF_DAY = DAY / SECOND - 1;
const FIRST_DAY = Math.floor(FIRST_WALL / DAY);
const LAST_DAY = Math.floor(LAST_WALL / DAY);
const NONE = -1;

class CronRule implements LocalRule {
  readonly #months: number;
  readonly #days: readonly number[];
  readonly #times: TimesOfDay;
  // The same clock run backwards: the latest time before is the earliest one after.
  readonly #mirrored: TimesOfDay;

  constructor({ months, hours, minutes, seconds }: CronPattern, days: readonly number[]) {
    this.#months = months.reduce((mask, month) => mask | (1 << month), 0);
    this.#days = days;
    this.#times = new TimesOfDay(hours, minutes, seconds);
    this.#mirrored = new TimesOfDay(
      hours.map((hour) => 23 - hour),
      minutes.map((minute) => 59 - minute),
      seconds.map((second) => 59 - second),
    );
  }

  after(wall: Wall): Wall | null {
    const from = Math.max(Math.floor(wall / SECOND) * SECOND + SECOND, FIRST_WALL);
    const today = Math.floor(from / DAY);
    const time = this.#times.atOrAfter((from - today * DAY) / SECOND);
    const day = this.#dayAtOrAfter(time === NONE ? today + 1 : today);
    if (day === NONE) return null;
    return day * DAY + (day === today ? time : this.#times.first) * SECOND;
  }

  before(wall: Wall): Wall | null {
    const from = Math.min(Math.ceil(wall / SECOND) * SECOND - SECOND, LAST_WALL);
    const today = Math.floor(from / DAY);
    const time = this.#mirrored.atOrAfter(LAST_SECOND_OF_DAY - (from - today * DAY) / SECOND);
    const day = this.#dayAtOrBefore(time === NONE ? today - 1 : today);
    if (day === NONE) return null;
    return day * DAY + (LAST_SECOND_OF_DAY - (day === today ? time : this.#mirrored.first)) * SECOND;
  }

  #dayAtOrAfter(day: number): number {
    const date = dateFromDays(day);
    let { year, month } = date;
    let left = -1 << (date.day - 1);
    for (let first = day - date.day + 1; first <= LAST_DAY;) {
      const length = daysInMonth(year, month);
      const days = this.#daysOf(month, length, first) & left;
      if (days !== 0) return first + lowestBit(days);
      first += length;
      left = -1;
      year += month === 12 ? 1 : 0;
      month = month === 12 ? 1 : month + 1;
    }
    return NONE;
  }

  #dayAtOrBefore(day: number): number {
    const date = dateFromDays(day);
    let { year, month } = date;
    let left = upTo(date.day);
    for (let first = day - date.day + 1; first >= FIRST_DAY;) {
      const days = this.#daysOf(month, daysInMonth(year, month), first) & left;
      if (days !== 0) return first + highestBit(days);
      year -= month === 1 ? 1 : 0;
      month = month === 1 ? 12 : month - 1;
      first -= daysInMonth(year, month);
      left = -1;
    }
    return NONE;
  }

  #daysOf(month: number, length: number, first: number): number {
    return (this.#months & (1 << month)) === 0 ? 0 : this.#days[shapeOf(weekday(first), length)]!;
  }
}

/** The times of day of a rule, in whole seconds since midnight. */
class TimesOfDay {
  readonly first: number;
  readonly #hours: Int8Array;
  readonly #minutes: Int8Array;
  readonly #seconds: Int8Array;

  constructor(hours: readonly number[], minutes: readonly number[], seconds: readonly number[]) {
    this.#hours = nextTable(hours, 24);
    this.#minutes = nextTable(minutes, 60);
    this.#seconds = nextTable(seconds, 60);
    this.first = this.#hours[0]! * 3600 + this.#minutes[0]! * 60 + this.#seconds[0]!;
  }

  atOrAfter(time: number): number {
    const hour = Math.floor(time / 3600);
    const minute = Math.floor(time / 60) % 60;
    if (this.#hours[hour] === hour) {
      if (this.#minutes[minute] === minute) {
        const second = this.#seconds[time % 60]!;
        if (second !== NONE) return hour * 3600 + minute * 60 + second;
      }
      const nextMinute = this.#minutes[minute + 1]!;
      if (nextMinute !== NONE) return hour * 3600 + nextMinute * 60 + this.#seconds[0]!;
    }
    const nextHour = this.#hours[hour + 1]!;
    return nextHour === NONE ? NONE : nextHour * 3600 + this.#minutes[0]! * 60 + this.#seconds[0]!;
  }
}

/** At each index the lowest value that is not below it; one entry more than there are values ends the row. */
function nextTable(values: readonly number[], size: number): Int8Array {
  const table = new Int8Array(size + 1).fill(NONE);
  for (const value of values) table[value] = value;
  for (let at = size - 1; at >= 0; at--) if (table[at] === NONE) table[at] = table[at + 1]!;
  return table;
}

// Vixie's rule: where both day fields are restricted, a day that either picks is meant; else both must pick it.
function daysByMonthShape({ monthDays, weekdays }: CronPattern): number[] {
  const either = monthDays.restricted && weekdays.restricted;
  const masks: number[] = [];
  for (let length = 28; length <= 31; length++) {
    for (let firstWeekday = 0; firstWeekday < 7; firstWeekday++) {
      const byDate = picked(monthDays, firstWeekday, length);
      const byWeekday = picked(weekdays, firstWeekday, length);
      masks[shapeOf(firstWeekday, length)] = (either ? byDate | byWeekday : byDate & byWeekday) & upTo(length);
    }
  }
  return masks;
}

function picked(field: DayField, firstWeekday: number, length: number): number {
  return field.pickers.reduce((mask, pick) => mask | pick(firstWeekday, length), 0);
}

function shapeOf(firstWeekday: number, length: number): number {
  return (length - 28) * 7 + firstWeekday;
}

function monthShapes(month: number): number[] {
  const lengths = new Set([daysInMonth(2000, month), daysInMonth(2001, month)]);
  return [...lengths].flatMap((length) => [0, 1, 2, 3, 4, 5, 6].map((firstWeekday) => shapeOf(firstWeekday, length)));
}

// Bit 0 is the 1st of a month, as in `DayPicker`.
function upTo(day: number): number {
  return -1 >>> (32 - day);
}

function lowestBit(mask: number): number {
  return highestBit(mask & -mask);
}

function highestBit(mask: number): number {
  return 31 - Math.clz32(mask);
}
