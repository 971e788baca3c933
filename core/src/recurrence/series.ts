import type { ZoneRules, ZoneSpan } from "../ports/zone-rules.js";
import type { LocalRule } from "./local-rule.js";
import type { Gap, Moment, Overlap } from "./resolve.js";
import { HOUR, type Wall } from "./wall.js";

/** A moment of a series. Other than in a `Moment`, `wall` is the time that the rule names, also where a gap moved it. */
export type SeriesMoment = Moment;

/** The moments of one rule in the order of time, no two at the same instant. */
export interface Series {
  /** The first moment strictly after `instant`. */
  after(instant: number): SeriesMoment | null;
  /** The last one strictly before it. */
  before(instant: number): SeriesMoment | null;
}

/** No clock on earth is further than this from UTC, nor was ever moved by more. */
const FAR = 26 * HOUR;

/** A rule that lands in a skipped hour every time, and skips it, is given up after this many spans. */
const MOST_PASSES = 200;

/**
 * A rule of the wall clock, told on the line of instants, span of constant offset by span:
 *   1. within a span, local and absolute time run in step, so the rule is asked directly;
 *   2. where a span begins with a gap, the local times that the clock skipped are moved as `gap` says; one that lands on
 *      another occurrence of the rule is dropped, so that an hourly rule does not fire twice;
 *   3. where a span begins by repeating local times, `overlap` says which pass counts.
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
    let pass = this.#pass(this.#zones.span(this.#zone, instant));
    for (let passes = 0; passes < MOST_PASSES; passes++) {
      const { span, low, high } = pass;
      const wall = this.#rule.after(Math.max(instant + span.offset, low - 1));
      const inStep = wall !== null && wall < high ? this.#inStep(pass, wall) : null;
      const moved = this.#firstMovedAfter(pass, instant);
      if (inStep !== null && (moved === null || inStep.instant <= moved.instant)) return inStep;
      if (moved !== null) return moved;

      if (span.until === Infinity) return null;
      // What this span repeats at its end may belong to the rule though it lies behind us on the wall clock.
      if (pass.repeatedByNext && this.#overlap !== "first") pass = this.#pass(this.#spanAt(span.until));
      else if (wall === null) return null;
      else pass = this.#pass(this.#spanAt(Math.max(span.until, wall - FAR)));
    }
    return null;
  }

  before(instant: number): SeriesMoment | null {
    let pass = this.#pass(this.#zones.span(this.#zone, instant - 1));
    for (let passes = 0; passes < MOST_PASSES; passes++) {
      const { span, low, high } = pass;
      const wall = this.#rule.before(Math.min(instant + span.offset, high));
      const inStep = wall !== null && wall >= low ? this.#inStep(pass, wall) : null;
      const moved = this.#lastMovedBefore(pass, instant);
      if (inStep !== null && (moved === null || inStep.instant >= moved.instant)) return inStep;
      if (moved !== null) return moved;

      if (span.from === -Infinity) return null;
      if (pass.offsetBefore > span.offset) pass = this.#pass(this.#spanAt(span.from - 1));
      else if (wall === null) return null;
      else pass = this.#pass(this.#spanAt(Math.min(span.from - 1, wall + FAR)));
    }
    return null;
  }

  #spanAt(instant: number): ZoneSpan {
    return this.#zones.span(this.#zone, instant);
  }

  #pass(span: ZoneSpan): Pass {
    const offsetBefore = span.from === -Infinity ? span.offset : this.#spanAt(span.from - 1).offset;
    const offsetAfter = span.until === Infinity ? span.offset : this.#spanAt(span.until).offset;
    const repeats = offsetBefore > span.offset;
    const repeatedByNext = offsetAfter < span.offset;
    const low = span.from + (repeats && this.#overlap === "first" ? offsetBefore : span.offset);
    const high = span.until + (repeatedByNext && this.#overlap === "second" ? offsetAfter : span.offset);
    return { span, offsetBefore, offsetAfter, repeatedByNext, low, high };
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
  readonly offsetBefore: number;
  readonly offsetAfter: number;
  readonly repeatedByNext: boolean;
  /** The local times of the span that count, `low` included, `high` not. */
  readonly low: Wall;
  readonly high: Wall;
}
