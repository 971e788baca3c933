import { DAY, type Wall } from "../wall.js";
import type { Budget, Cells, Span } from "./cells.js";
import { lowerBound } from "./sorted.js";
import type { YearDays } from "./year-days.js";

/** What a rule's parts produce, without its start, its end and its added and removed dates. */
export interface Series {
  /** The first occurrence at or after `wall`. */
  from(wall: Wall, budget: Budget): Wall | null;
  /** The last one strictly before `wall`. */
  before(wall: Wall, budget: Budget): Wall | null;
}

export const emptySeries: Series = { from: () => null, before: () => null };

/** The same times, given as milliseconds into a cell, in each of its cells. There is at least one. */
export class CellSeries implements Series {
  readonly #cells: Cells;
  readonly #cellMs: number;
  readonly #times: Int32Array;

  constructor(cells: Cells, cellMs: number, times: Int32Array) {
    this.#cells = cells;
    this.#cellMs = cellMs;
    this.#times = times;
  }

  from(wall: Wall, budget: Budget): Wall | null {
    const cell = Math.floor(wall / this.#cellMs);
    let found = this.#cells.from(cell, budget);
    if (found === cell) {
      const index = lowerBound(this.#times, wall - cell * this.#cellMs);
      if (index < this.#times.length) return cell * this.#cellMs + this.#times[index]!;
      found = this.#cells.from(cell + 1, budget);
    }
    return found === null ? null : found * this.#cellMs + this.#times[0]!;
  }

  before(wall: Wall, budget: Budget): Wall | null {
    const cell = Math.floor(wall / this.#cellMs);
    let found = this.#cells.upTo(cell, budget);
    if (found === cell) {
      const index = lowerBound(this.#times, wall - cell * this.#cellMs);
      if (index > 0) return cell * this.#cellMs + this.#times[index - 1]!;
      found = this.#cells.upTo(cell - 1, budget);
    }
    return found === null ? null : found * this.#cellMs + this.#times.at(-1)!;
  }
}

/** A set takes about as long as so many places of a plain search. */
const SET_COST = 4;

/**
 * BYSETPOS over weeks, months and years. A span's set is its allowed days times the same times of day, so a position is
 * reached by division and the set is never laid out.
 */
export class PositionSeries implements Series {
  readonly #cells: Cells;
  readonly #days: YearDays;
  readonly #span: Span;
  readonly #times: Int32Array;
  readonly #positions: readonly number[];

  constructor(cells: Cells, days: YearDays, span: Span, times: Int32Array, positions: readonly number[]) {
    this.#cells = cells;
    this.#days = days;
    this.#span = span;
    this.#times = times;
    this.#positions = positions;
  }

  from(wall: Wall, budget: Budget): Wall | null {
    let day = this.#cells.from(Math.floor(wall / DAY), budget);
    while (day !== null) {
      const { first, end, size } = this.#spanAt(day);
      const below = this.#countBelow(wall, first, end);
      let best = size;
      for (const position of this.#positions) {
        const index = indexAt(position, size);
        if (index >= below && index < best) best = index;
      }
      if (best < size) return this.#at(first, best);
      budget.left -= SET_COST + this.#positions.length;
      day = this.#cells.from(end, budget);
    }
    return null;
  }

  before(wall: Wall, budget: Budget): Wall | null {
    let day = this.#cells.upTo(Math.floor(wall / DAY), budget);
    while (day !== null) {
      const { first, end, size } = this.#spanAt(day);
      const below = this.#countBelow(wall, first, end);
      let best = -1;
      for (const position of this.#positions) {
        const index = indexAt(position, size);
        if (index < below && index > best) best = index;
      }
      if (best >= 0) return this.#at(first, best);
      budget.left -= SET_COST + this.#positions.length;
      day = this.#cells.upTo(first - 1, budget);
    }
    return null;
  }

  #spanAt(day: number): { first: number; end: number; size: number } {
    const index = this.#span.indexOf(day);
    const first = this.#span.firstDay(index);
    const end = this.#span.firstDay(index + 1);
    return { first, end, size: this.#days.count(first, end) * this.#times.length };
  }

  #countBelow(wall: Wall, first: number, end: number): number {
    const day = Math.floor(wall / DAY);
    const wholeDays = this.#days.count(first, Math.min(day, end)) * this.#times.length;
    const isInSpan = day >= first && day < end && this.#days.count(day, day + 1) === 1;
    return isInSpan ? wholeDays + lowerBound(this.#times, wall - day * DAY) : wholeDays;
  }

  #at(first: number, index: number): Wall {
    const perDay = this.#times.length;
    return this.#days.nth(first, Math.floor(index / perDay)) * DAY + this.#times[index % perDay]!;
  }
}

/** Positions count from 1, or from -1 at the back; what lies outside the set is below 0 or not below its size. */
export function indexAt(position: number, size: number): number {
  return position > 0 ? position - 1 : size + position;
}
