import { LAST_WALL, DAY, dateFromDays, daysFromDate, daysInMonth, isLeapYear, weekday } from "../wall.js";
import { dayCode } from "./parts.js";

/** The days a rule allows; an absent filter allows all. Each filter but `months` also counts backwards from -1. */
export interface DayFilter {
  readonly months: ReadonlySet<number> | null;
  readonly monthDays: ReadonlySet<number> | null;
  readonly yearDays: ReadonlySet<number> | null;
  readonly weekNumbers: ReadonlySet<number> | null;
  /** As `dayCode` makes them. */
  readonly weekdays: ReadonlySet<number> | null;
  readonly ordinalsIn: "month" | "year";
  readonly weekStart: number;
}

export const LAST_DAY = Math.floor(LAST_WALL / DAY);

/** What years of one shape have in common. Days count from 0 for 1 January. */
interface YearShape {
  readonly days: Uint16Array;
  /** How many of `days` come before each day, and last how many there are. */
  readonly rank: Uint16Array;
}

/**
 * The allowed days, as numbers since 1970, found without stepping from day to day. The calendar has few shapes of year:
 * the weekday it begins on, its length and, for weeks that cross its ends, the lengths of its neighbours. Each is worked
 * out when it is first met.
 */
export class YearDays {
  readonly #filter: DayFilter;
  readonly #shapes: (YearShape | undefined)[] = [];
  // The year last asked for, as questions mostly stay in one.
  #shape: YearShape = { days: new Uint16Array(), rank: new Uint16Array() };
  #first = 0;
  #end = 0;

  constructor(filter: DayFilter) {
    this.#filter = filter;
  }

  /** The first allowed day from `day` on. */
  next(day: number): number | null {
    for (let from = day; from <= LAST_DAY; from = this.#end) {
      this.#turnTo(from);
      const index = this.#shape.rank[from - this.#first]!;
      if (index < this.#shape.days.length) return this.#first + this.#shape.days[index]!;
    }
    return null;
  }

  /** The last allowed day up to and with `day`. */
  previous(day: number): number | null {
    for (let to = day; to >= 0; to = this.#first - 1) {
      this.#turnTo(to);
      const index = this.#shape.rank[to - this.#first + 1]! - 1;
      if (index >= 0) return this.#first + this.#shape.days[index]!;
    }
    return null;
  }

  /** How many allowed days there are from `from` on and before `to`. */
  count(from: number, to: number): number {
    if (to <= from) return 0;
    this.#turnTo(from);
    const { days, rank } = this.#shape;
    const before = rank[from - this.#first]!;
    return to <= this.#end ? rank[to - this.#first]! - before : days.length - before + this.count(this.#end, to);
  }

  /** The allowed day that has `index` others between `from` and itself; the caller knows that there is one. */
  nth(from: number, index: number): number {
    this.#turnTo(from);
    const { days, rank } = this.#shape;
    const inYear = rank[from - this.#first]! + index;
    return inYear < days.length ? this.#first + days[inYear]! : this.nth(this.#end, inYear - days.length);
  }

  #turnTo(day: number): void {
    if (day >= this.#first && day < this.#end) return;
    const { year } = dateFromDays(day);
    this.#first = daysFromDate(year, 1, 1);
    this.#end = this.#first + daysInYear(year);
    const leaps = (isLeapYear(year - 1) ? 1 : 0) + (isLeapYear(year) ? 2 : 0) + (isLeapYear(year + 1) ? 4 : 0);
    this.#shape = this.#shapes[leaps * 7 + weekday(this.#first)] ??= shapeOf(year, this.#filter);
  }
}

function daysInYear(year: number): number {
  return isLeapYear(year) ? 366 : 365;
}

function shapeOf(year: number, filter: DayFilter): YearShape {
  const length = daysInYear(year);
  const beginsOn = weekday(daysFromDate(year, 1, 1));
  const isInWeek = filter.weekNumbers === null ? null : weekNumberTest(year, filter.weekNumbers, filter.weekStart);
  const days: number[] = [];
  const rank = new Uint16Array(length + 1);

  let yearDay = 0;
  for (let month = 1; month <= 12; month++) {
    const monthLength = daysInMonth(year, month);
    const isMonth = filter.months?.has(month) ?? true;
    for (let monthDay = 1; monthDay <= monthLength; monthDay++, yearDay++) {
      rank[yearDay] = days.length;
      const inScope = filter.ordinalsIn === "month" ? monthDay : yearDay + 1;
      const scope = filter.ordinalsIn === "month" ? monthLength : length;
      if (
        isMonth &&
        countsIn(filter.monthDays, monthDay, monthLength) &&
        countsIn(filter.yearDays, yearDay + 1, length) &&
        isWeekday(filter.weekdays, (beginsOn + yearDay) % 7, inScope, scope) &&
        (isInWeek === null || isInWeek(yearDay))
      ) {
        days.push(yearDay);
      }
    }
  }
  rank[length] = days.length;
  return { days: Uint16Array.from(days), rank };
}

function countsIn(ordinals: ReadonlySet<number> | null, ordinal: number, length: number): boolean {
  return ordinals === null || ordinals.has(ordinal) || ordinals.has(ordinal - length - 1);
}

function isWeekday(codes: ReadonlySet<number> | null, day: number, inScope: number, scope: number): boolean {
  if (codes === null || codes.has(dayCode(0, day))) return true;
  const fromFront = Math.ceil(inScope / 7);
  const fromBack = -Math.ceil((scope - inScope + 1) / 7);
  return codes.has(dayCode(fromFront, day)) || codes.has(dayCode(fromBack, day));
}

/** Weeks as in ISO 8601, but beginning on any weekday: the first one has at least four days in the year. */
function weekNumberTest(year: number, numbers: ReadonlySet<number>, weekStart: number): (yearDay: number) => boolean {
  const first = daysFromDate(year, 1, 1);
  const starts = [year - 1, year, year + 1, year + 2].map((each) => firstWeek(each, weekStart) - first);
  return (yearDay) => {
    const its = starts.findLastIndex((start) => start <= yearDay);
    const begins = starts[its]!;
    const weeks = (starts[its + 1]! - begins) / 7;
    return countsIn(numbers, Math.floor((yearDay - begins) / 7) + 1, weeks);
  };
}

function firstWeek(year: number, weekStart: number): number {
  const first = daysFromDate(year, 1, 1);
  const intoWeek = (weekday(first) - weekStart + 7) % 7;
  return first - intoWeek + (intoWeek <= 3 ? 0 : 7);
}
