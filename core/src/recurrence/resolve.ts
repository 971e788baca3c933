import type { ZoneRules } from "../ports/zone-rules.js";
import { HOUR, type Wall } from "./wall.js";

/** What becomes of a time that the clock skips: 02:30 turns into 03:30, into 03:00 (the gap's end), or into nothing. */
export type Gap = "shift" | "boundary" | "skip";

/** Which is meant of a time that comes twice. */
export type Overlap = "first" | "second" | "both";

/** A local time and its instant. `instant + offset` is always `wall`, also where a gap moved it. */
export interface Moment {
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly instant: number;
  /** What the clocks show at the instant; not what was asked for, if that fell into a gap. */
  readonly wall: Wall;
  /** 1 for the second coming of a time that comes twice. */
  readonly fold: 0 | 1;
  /** The offset in force at the instant, in milliseconds. */
  readonly offset: number;
  readonly note: "gap" | "overlap" | null;
}

/** No clock is or was further than this from UTC, so an instant is no further than this from its local time. */
export const REACH = 26 * HOUR;

/**
 * The instants that a local time stands for: none, one or two, in order. Every place that needs an instant for a local
 * time asks here.
 */
export function resolve(rules: ZoneRules, zone: string, wall: Wall, gap: Gap, overlap: Overlap): readonly Moment[] {
  const around = rules.span(zone, wall);
  // By far the most times have no change near them; the walk below would say the same.
  if (around.from <= wall - REACH && wall + REACH < around.until) {
    return [moment(wall - around.offset, around.offset, 0, null)];
  }

  let first: Candidate | null = null;
  let last: Candidate | null = null;
  let jump: Jump | null = null;
  let span = rules.span(zone, wall - REACH);
  for (;;) {
    const instant = wall - span.offset;
    if (span.from <= instant && instant < span.until) {
      last = { instant, offset: span.offset };
      first ??= last;
    }
    if (wall + REACH < span.until) break;
    const next = rules.span(zone, span.until);
    // Never true where two spans have the same offset: there `until + offset` is one and the same local time.
    if (span.until + span.offset <= wall && wall < span.until + next.offset) {
      jump ??= { at: span.until, before: span.offset };
    }
    span = next;
  }

  if (first !== null && last !== null) return existing(first, last, overlap);
  if (gap === "skip" || jump === null) return [];
  const instant = gap === "shift" ? wall - jump.before : jump.at;
  return [moment(instant, rules.span(zone, instant).offset, 0, "gap")];
}

/** What the clocks of a zone show at an instant. */
export function localOf(rules: ZoneRules, zone: string, instant: number): Wall {
  return instant + rules.span(zone, instant).offset;
}

interface Candidate {
  readonly instant: number;
  readonly offset: number;
}

interface Jump {
  readonly at: number;
  /** The offset that the clocks jumped away from. */
  readonly before: number;
}

function existing(first: Candidate, last: Candidate, overlap: Overlap): readonly Moment[] {
  if (first === last) return [moment(first.instant, first.offset, 0, null)];
  const moments: Moment[] = [];
  if (overlap !== "second") moments.push(moment(first.instant, first.offset, 0, "overlap"));
  if (overlap !== "first") moments.push(moment(last.instant, last.offset, 1, "overlap"));
  return moments;
}

function moment(instant: number, offset: number, fold: 0 | 1, note: Moment["note"]): Moment {
  return { instant, wall: instant + offset, fold, offset, note };
}
