import { DAY, dateFromDays, daysFromDate } from "../wall.js";
import type { Frequency } from "./parts.js";
import { lowerBound } from "./sorted.js";
import type { YearDays } from "./year-days.js";

/** What a search may still spend. It goes down by one for each place looked at. */
export interface Budget {
  left: number;
}

/**
 * The stretches of time, numbered since 1970, in which a rule has its occurrences: days, or for frequencies below a day
 * hours, minutes or seconds. Both searches include the cell they start from, and answer null when the budget is spent.
 */
export interface Cells {
  from(cell: number, budget: Budget): number | null;
  upTo(cell: number, budget: Budget): number | null;
}

/** The frequencies of a day and more, as numbered spans of whole days. */
export interface Span {
  indexOf(day: number): number;
  firstDay(index: number): number;
}

export type SpanFrequency = Extract<Frequency, "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY">;

export function spanOf(freq: SpanFrequency, weekStart: number): Span {
  // 1970-01-01 was a Thursday.
  const shift = 4 - weekStart;
  switch (freq) {
    case "DAILY":
      return { indexOf: (day) => day, firstDay: (index) => index };
    case "WEEKLY":
      return { indexOf: (day) => Math.floor((day + shift) / 7), firstDay: (index) => index * 7 - shift };
    case "MONTHLY":
      return {
        indexOf: (day) => {
          const { year, month } = dateFromDays(day);
          return year * 12 + month - 1;
        },
        firstDay: (index) => daysFromDate(Math.floor(index / 12), (index % 12) + 1, 1),
      };
    case "YEARLY":
      return { indexOf: (day) => dateFromDays(day).year, firstDay: (index) => daysFromDate(index, 1, 1) };
  }
}

/** Keeps the phase of INTERVAL: every `interval`th number, counted from `origin`. */
export interface Phase {
  readonly origin: number;
  readonly interval: number;
}

const roundUp = ({ origin, interval }: Phase, index: number) =>
  origin + Math.ceil((index - origin) / interval) * interval;
const roundDown = ({ origin, interval }: Phase, index: number) =>
  origin + Math.floor((index - origin) / interval) * interval;

/** The allowed days of every `interval`th span. */
export class DayCells implements Cells {
  readonly #days: YearDays;
  readonly #span: Span;
  readonly #phase: Phase;

  constructor(days: YearDays, span: Span, phase: Phase) {
    this.#days = days;
    this.#span = span;
    this.#phase = phase;
  }

  from(day: number, budget: Budget): number | null {
    let at = day;
    while (budget.left-- > 0) {
      const allowed = this.#days.next(at);
      if (allowed === null) return null;
      const index = this.#span.indexOf(allowed);
      const inPhase = roundUp(this.#phase, index);
      if (inPhase === index) return allowed;
      at = this.#span.firstDay(inPhase);
    }
    return null;
  }

  upTo(day: number, budget: Budget): number | null {
    let at = day;
    while (budget.left-- > 0) {
      const allowed = this.#days.previous(at);
      if (allowed === null) return null;
      const index = this.#span.indexOf(allowed);
      const inPhase = roundDown(this.#phase, index);
      if (inPhase === index) return allowed;
      at = this.#span.firstDay(inPhase + 1) - 1;
    }
    return null;
  }
}

/** Every `interval`th hour, minute or second that is on an allowed day and at an allowed time of it. */
export class ClockCells implements Cells {
  readonly #days: YearDays;
  readonly #perDay: number;
  readonly #phase: Phase;
  /** Cells counted from midnight, sorted; null allows all. */
  readonly #ofDay: Int32Array | null;

  constructor(days: YearDays, cellMs: number, phase: Phase, ofDay: Int32Array | null) {
    this.#days = days;
    this.#perDay = DAY / cellMs;
    this.#phase = phase;
    this.#ofDay = ofDay;
  }

  from(cell: number, budget: Budget): number | null {
    let at = cell;
    while (budget.left-- > 0) {
      const inPhase = roundUp(this.#phase, at);
      const allowed = this.#allowedFrom(inPhase);
      if (allowed === null || allowed === inPhase) return allowed;
      at = allowed;
    }
    return null;
  }

  upTo(cell: number, budget: Budget): number | null {
    let at = cell;
    while (budget.left-- > 0) {
      const inPhase = roundDown(this.#phase, at);
      const allowed = this.#allowedUpTo(inPhase);
      if (allowed === null || allowed === inPhase) return allowed;
      at = allowed;
    }
    return null;
  }

  #allowedFrom(cell: number): number | null {
    const day = Math.floor(cell / this.#perDay);
    const times = this.#ofDay;
    const index = times === null ? 0 : lowerBound(times, cell - day * this.#perDay);
    const isOver = times !== null && index === times.length;
    const allowed = this.#days.next(isOver ? day + 1 : day);
    if (allowed === null) return null;
    if (allowed > day) return allowed * this.#perDay + (times === null ? 0 : times[0]!);
    return times === null ? cell : day * this.#perDay + times[index]!;
  }

  #allowedUpTo(cell: number): number | null {
    const day = Math.floor(cell / this.#perDay);
    const times = this.#ofDay;
    const index = times === null ? 0 : lowerBound(times, cell - day * this.#perDay + 1) - 1;
    const allowed = this.#days.previous(index < 0 ? day - 1 : day);
    if (allowed === null) return null;
    if (allowed < day) return allowed * this.#perDay + (times === null ? this.#perDay - 1 : times.at(-1)!);
    return times === null ? cell : day * this.#perDay + times[index]!;
  }
}
