import type { ZoneRules, ZoneSpan } from "../ports/zone-rules.js";
import type { LocalRule } from "./local-rule.js";
import { type Gap, type Moment, type Overlap, REACH } from "./resolve.js";
import type { Wall } from "./wall.js";

/** A moment of a series. Other than in a `Moment`, `wall` is the time that the rule names, also where a gap moved it. */
export type SeriesMoment = Moment;

/** The moments of one rule in the order of time, no two at the same instant. */
export interface Series {
  /** The first moment strictly after `instant`. */
  after(instant: number): SeriesMoment | null;
  /** The last one strictly before it. */
  before(instant: number): SeriesMoment | null;
}

/** A rule that lands in a skipped hour every time, and skips it, is given up after this many spans. */
const MOST_PASSES = 200;

/**
 * A rule of the wall clock, told on the line of instants, span of constant offset by span:
 *   1. within a span, local and absolute time run in step, so the rule is asked directly;
 *   2. where a span begins with a gap, the local times that the clock skipped are moved as `gap` says; one that lands on
 *      another occurrence of the rule is dropped, so that an hourly rule does not fire twice;
 *   3. where a span begins by repeating local times, `overlap` says which pass counts;
 *   4. zone data may cut a span in pieces, so pieces are put together until a change is found or is surely too far away to
 *      matter; what lies near an end that is no change is left to the next pass.
 * Spans without a date-time of the rule are jumped over.
 */
export class ZonedSeries implements Series {
  readonly #rule: LocalRule;
  readonly #zones: ZoneRules;
  readonly #zone: string;
  readonly #gap: Gap;
  readonly #overlap: Overlap;

  constructor(rule: LocalRule, zones: ZoneRules, options: { zone: string; gap: Gap; overlap: Overlap }) {
    this.#rule = rule;
    this.#zones = zones;
    this.#zone = options.zone;
    this.#gap = options.gap;
    this.#overlap = options.overlap;
  }

  after(instant: number): SeriesMoment | null {
    let pass = this.#pass(instant);
    for (let passes = 0; passes < MOST_PASSES; passes++) {
      const { span, low, high, ends } = pass;
      const wall = this.#rule.after(Math.max(instant + span.offset, low - 1));
      const inStep = wall !== null && wall < high ? this.#inStep(pass, wall) : null;
      const moved = this.#firstMovedAfter(pass, instant);
      const found = inStep !== null && (moved === null || inStep.instant <= moved.instant) ? inStep : moved;
      if (found !== null && (ends || found.instant < span.until - REACH)) return found;

      if (span.until === Infinity) return null;
      const next = ends ? span.until : span.until - REACH;
      // What this span repeats at its end may belong to the rule though it lies behind us on the wall clock.
      if (found !== null || (pass.repeatedByNext && this.#overlap !== "first")) pass = this.#pass(next);
      else if (wall === null) return null;
      else pass = this.#pass(Math.max(next, wall - REACH));
    }
    return null;
  }

  before(instant: number): SeriesMoment | null {
    let pass = this.#pass(instant - 1);
    for (let passes = 0; passes < MOST_PASSES; passes++) {
      const { span, low, high, begins } = pass;
      const wall = this.#rule.before(Math.min(instant + span.offset, high));
      const inStep = wall !== null && wall >= low ? this.#inStep(pass, wall) : null;
      const moved = this.#lastMovedBefore(pass, instant);
      const found = inStep !== null && (moved === null || inStep.instant >= moved.instant) ? inStep : moved;
      if (found !== null && (begins || found.instant >= span.from + REACH)) return found;

      if (span.from === -Infinity) return null;
      const previous = (begins ? span.from : span.from + REACH) - 1;
      if (found !== null || pass.offsetBefore > span.offset) pass = this.#pass(previous);
      else if (wall === null) return null;
      else pass = this.#pass(Math.min(previous, wall + REACH));
    }
    return null;
  }

  #pass(instant: number): Pass {
    const piece = this.#zones.span(this.#zone, instant);
    const { offset } = piece;
    let { from, until } = piece;
    let offsetBefore = offset;
    let offsetAfter = offset;
    while (offsetBefore === offset && from > piece.from - REACH) {
      const before = this.#zones.span(this.#zone, from - 1);
      if (before.offset === offset) from = before.from;
      else offsetBefore = before.offset;
    }
    while (offsetAfter === offset && until < piece.until + REACH) {
      const after = this.#zones.span(this.#zone, until);
      if (after.offset === offset) until = after.until;
      else offsetAfter = after.offset;
    }
    const repeats = offsetBefore > offset;
    const repeatedByNext = offsetAfter < offset;
    return {
      span: { from, until, offset },
      begins: offsetBefore !== offset || from === -Infinity,
      ends: offsetAfter !== offset || until === Infinity,
      offsetBefore,
      offsetAfter,
      repeatedByNext,
      low: from + (repeats && this.#overlap === "first" ? offsetBefore : offset),
      high: until + (repeatedByNext && this.#overlap === "second" ? offsetAfter : offset),
    };
  }

  #inStep(pass: Pass, wall: Wall): SeriesMoment {
    const { span, offsetBefore, offsetAfter } = pass;
    const secondPass = wall < span.from + offsetBefore;
    const firstPass = wall >= span.until + offsetAfter;
    return {
      instant: wall - span.offset,
      wall,
      fold: secondPass ? 1 : 0,
      offset: span.offset,
      note: secondPass || firstPass ? "overlap" : null,
    };
  }

  #firstMovedAfter(pass: Pass, instant: number): SeriesMoment | null {
    const { span, offsetBefore } = pass;
    if (offsetBefore >= span.offset || this.#gap === "skip") return null;
    const gapStart = span.from + offsetBefore;
    const gapEnd = span.from + span.offset;
    if (this.#gap === "boundary") {
      const wall = instant < span.from ? this.#rule.after(gapStart - 1) : null;
      return wall !== null && wall < gapEnd ? this.#moved(pass, wall, span.from) : null;
    }
    const wall = this.#rule.after(Math.max(instant + offsetBefore, gapStart - 1));
    return wall !== null && wall < gapEnd ? this.#moved(pass, wall, wall - offsetBefore) : null;
  }

  #lastMovedBefore(pass: Pass, instant: number): SeriesMoment | null {
    const { span, offsetBefore } = pass;
    if (offsetBefore >= span.offset || this.#gap === "skip") return null;
    const gapStart = span.from + offsetBefore;
    const gapEnd = span.from + span.offset;
    if (this.#gap === "boundary") {
      // Several skipped times come down to one moment; the first of them gives it its name, here as in `after`.
      const wall = instant > span.from ? this.#rule.after(gapStart - 1) : null;
      return wall !== null && wall < gapEnd ? this.#moved(pass, wall, span.from) : null;
    }
    const wall = this.#rule.before(Math.min(instant + offsetBefore, gapEnd));
    return wall !== null && wall >= gapStart ? this.#moved(pass, wall, wall - offsetBefore) : null;
  }

  #moved(pass: Pass, wall: Wall, instant: number): SeriesMoment {
    return { instant, wall, fold: 0, offset: pass.span.offset, note: "gap" };
  }
}

/** A span and what happens at its two ends. */
interface Pass {
  readonly span: ZoneSpan;
  /** Whether the clocks change at its beginning and at its end, or there is nothing beyond. */
  readonly begins: boolean;
  readonly ends: boolean;
  readonly offsetBefore: number;
  readonly offsetAfter: number;
  readonly repeatedByNext: boolean;
  /** The local times of the span that count, `low` included, `high` not. */
  readonly low: Wall;
  readonly high: Wall;
}
