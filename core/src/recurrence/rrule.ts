import { InvalidRule, type LocalRule } from "./local-rule.js";
import type { Budget } from "./rrule/cells.js";
import { compile } from "./rrule/compile.js";
import { readParts } from "./rrule/parts.js";
import type { Series } from "./rrule/series.js";
import { lowerBound } from "./rrule/sorted.js";
import { DAY, FIRST_WALL, LAST_WALL, SECOND, type Wall } from "./wall.js";

/** An RRULE of RFC 5545 on the wall clock. What the rule leaves open, such as the time of day, comes from `start`. */
export interface RRuleText {
  readonly rrule: string;
  readonly start: Wall;
  /** Removed, whether the rule or `rdates` has them. */
  readonly exdates?: readonly Wall[];
  /** Added, wherever they lie; COUNT and UNTIL do not concern them. */
  readonly rdates?: readonly Wall[];
}

const MAX_DATES = 1_000;

/**
 * The places a single search may look at. The calendar repeats after 400 years of 146,097 days, so whatever comes back at
 * all comes back within them, but for intervals that drift against it; and so many take some milliseconds.
 */
const SEARCH_BUDGET = 150_000;
/** The same for the one walk to the end of a counted rule. */
const COUNT_BUDGET = 300_000;
/** For so long a search that found nothing is not made again: it looked some ten times as far. */
const FOUND_NOTHING = 40 * 366 * DAY;

/** Throws `InvalidRule` and nothing else. A rule that never matches is valid, and has no occurrence. */
export function parseRRule(rule: RRuleText): LocalRule {
  const parts = readParts(rule.rrule);
  if (!isWall(rule.start)) throw new InvalidRule("rrule_start", "The start is not a whole second of 1970 to 9999");
  const exdates = checkedDates("exdates", rule.exdates);
  const rdates = checkedDates("rdates", rule.rdates);
  return new RRule({
    series: compile(parts, rule.start),
    start: rule.start,
    until: Math.min(parts.until ?? LAST_WALL, LAST_WALL),
    count: parts.count,
    exdates: new Set(exdates),
    rdates: Float64Array.from(rdates).sort(),
  });
}

function checkedDates(name: "exdates" | "rdates", walls: readonly Wall[] = []): readonly Wall[] {
  if (walls.length > MAX_DATES) {
    throw new InvalidRule(`rrule_${name}_many`, `There are ${walls.length} ${name}, and may be ${MAX_DATES}`);
  }
  if (!walls.every(isWall)) {
    throw new InvalidRule(`rrule_${name}`, `One of the ${name} is not a whole second of 1970 to 9999`);
  }
  return walls;
}

function isWall(wall: Wall): boolean {
  return wall >= FIRST_WALL && wall <= LAST_WALL && wall % SECOND === 0;
}

interface RRuleSeries {
  readonly series: Series;
  readonly start: Wall;
  readonly until: Wall;
  readonly count: number | null;
  readonly exdates: ReadonlySet<Wall>;
  readonly rdates: Float64Array;
}

class RRule implements LocalRule {
  readonly #rule: RRuleSeries;
  #end: Wall | null = null;
  #found: { readonly from: Wall; readonly until: Wall; readonly next: Wall | null } | null = null;

  constructor(rule: RRuleSeries) {
    this.#rule = rule;
  }

  after(wall: Wall): Wall | null {
    const budget = { left: SEARCH_BUDGET };
    // Occurrences are whole seconds, so this is what comes strictly after.
    let from = Math.floor(wall) + 1;
    for (;;) {
      const next = earlier(this.#seriesFrom(from, budget), this.#rdateFrom(from));
      if (next === null || !this.#rule.exdates.has(next)) return next;
      from = next + 1;
    }
  }

  before(wall: Wall): Wall | null {
    const budget = { left: SEARCH_BUDGET };
    let to = wall;
    for (;;) {
      const last = later(this.#seriesBefore(to, budget), this.#rdateBefore(to));
      if (last === null || !this.#rule.exdates.has(last)) return last;
      to = last;
    }
  }

  /** The start is an occurrence only if the rule produces it: RFC 5545 leaves open what else it would mean. */
  #seriesFrom(wall: Wall, budget: Budget): Wall | null {
    const from = Math.max(wall, this.#rule.start);
    const end = this.#lastOfRule();
    if (!(from <= end)) return null;
    const next = this.#next(from, budget);
    return next !== null && next <= end ? next : null;
  }

  /** What was found once is not searched again for each of many added dates before it, nor what was not found. */
  #next(from: Wall, budget: Budget): Wall | null {
    const found = this.#found;
    if (found !== null && from >= found.from && from <= found.until) return found.next;
    const next = this.#rule.series.from(from, budget);
    this.#found = { from, until: next ?? from + FOUND_NOTHING, next };
    return next;
  }

  #seriesBefore(wall: Wall, budget: Budget): Wall | null {
    const to = Math.min(wall, this.#lastOfRule() + 1);
    if (!(to > this.#rule.start)) return null;
    const last = this.#rule.series.before(to, budget);
    return last !== null && last >= this.#rule.start ? last : null;
  }

  #lastOfRule(): Wall {
    return (this.#end ??= this.#rule.count === null ? this.#rule.until : this.#lastOfCount(this.#rule.count));
  }

  /** COUNT counts what the rule produces; removed dates count too, added ones do not. */
  #lastOfCount(count: number): Wall {
    const budget = { left: COUNT_BUDGET };
    let last = -Infinity;
    for (let counted = 0; counted < count; counted++) {
      const next = this.#rule.series.from(counted === 0 ? this.#rule.start : last + 1, budget);
      if (next === null) return last;
      last = next;
    }
    return last;
  }

  #rdateFrom(wall: Wall): Wall | null {
    return this.#rule.rdates[lowerBound(this.#rule.rdates, wall)] ?? null;
  }

  #rdateBefore(wall: Wall): Wall | null {
    return this.#rule.rdates[lowerBound(this.#rule.rdates, wall) - 1] ?? null;
  }
}

function earlier(a: Wall | null, b: Wall | null): Wall | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function later(a: Wall | null, b: Wall | null): Wall | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
