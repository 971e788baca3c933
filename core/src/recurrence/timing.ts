import type { Gap, Overlap } from "./resolve.js";
import type { LeapDay } from "./yearly.js";

/** When something happens: exactly one of five forms. All but `every` and an `at` with an offset are wall-clock times. */
export type When =
  | { readonly at: string }
  | { readonly yearly: { readonly month: number; readonly day: number; readonly time: string } }
  | { readonly cron: string }
  | {
      readonly rrule: string;
      readonly start: string;
      readonly exdates?: readonly string[];
      readonly rdates?: readonly string[];
    }
  | { readonly every: string; readonly start: string };

/** A checked `when` with all its options, each at its stated default where nothing was said. Plain data: it is stored. */
export interface Timing {
  readonly timeZone: string;
  readonly when: When;
  readonly gap: Gap;
  readonly overlap: Overlap;
  readonly leapDay: LeapDay;
  /** The bounds of the series, both inclusive: a local date-time, or an instant if it has an offset. */
  readonly from?: string;
  readonly until?: string;
  /** How many events the series has in all. */
  readonly count?: number;
  /** An ISO duration: each event is moved by a repeatable part of it. */
  readonly spread?: string;
}

export const TIMING_DEFAULTS = { gap: "shift", overlap: "first", leapDay: "feb28" } as const;

/** Two timings are the same if they say the same: edits that change nothing must move nothing. */
export function sameTiming(one: Timing, other: Timing): boolean {
  return timingText(one) === timingText(other);
}

/** One text for one meaning: a key for comparing and caching. A database may give an object's fields in another order. */
export function timingText(timing: Timing): string {
  const { timeZone, when, gap, overlap, leapDay, from, until, count, spread } = timing;
  return JSON.stringify([timeZone, ...whenParts(when), gap, overlap, leapDay, from, until, count, spread]);
}

function whenParts(when: When): readonly unknown[] {
  if ("cron" in when) return ["cron", when.cron];
  if ("yearly" in when) return ["yearly", when.yearly.month, when.yearly.day, when.yearly.time];
  if ("rrule" in when) return ["rrule", when.rrule, when.start, when.exdates ?? [], when.rdates ?? []];
  return "every" in when ? ["every", when.every, when.start] : ["at", when.at];
}
