import type { Occurrence, OccurrenceNote, Recurrence } from "./recurrence.js";
import type { Timing } from "./timing.js";
import { dateFromDays, DAY, formatWall } from "./wall.js";

export interface PreviewEntry {
  readonly occurrence: Occurrence;
  /** Null where the rule's local time is left out: by an exception, in a gap that is skipped, in a common year. */
  readonly dueAt: number | null;
  readonly note: OccurrenceNote | "excluded" | null;
}

export interface PreviewOptions {
  readonly after: number;
  /** How many occurrences that happen; those left out between them come in addition. */
  readonly count: number;
  /** Known for a saved schedule: then `dueAt` contains its spread. */
  readonly scheduleId?: string;
}

/** The next occurrences, and between them those that the timing leaves out, so that nobody wonders where they are. */
export function previewOf(timing: Timing, recurrence: Recurrence, options: PreviewOptions): readonly PreviewEntry[] {
  const actual = recurrence.of(timing);
  const lenient = recurrence.of(withoutExceptions(timing));
  const entries: PreviewEntry[] = [];
  let cursor = options.after;
  for (let found = 0; found < options.count; found++) {
    const next = actual.after(cursor);
    if (next === null) break;
    if (lenient !== actual) entries.push(...leftOut(cursor, next));
    const dueAt = options.scheduleId === undefined ? next.instant : actual.dueAt(options.scheduleId, next);
    entries.push({ occurrence: next, dueAt, note: next.note });
    cursor = next.instant;
  }
  return entries;

  function leftOut(from: number, next: Occurrence): readonly PreviewEntry[] {
    const missing: PreviewEntry[] = [];
    for (let one = lenient.after(from); one !== null && one.instant < next.instant; one = lenient.after(one.instant)) {
      if (missing.length === MOST_LEFT_OUT) break;
      if (isException(one, timing)) missing.push({ occurrence: one, dueAt: null, note: "excluded" });
    }
    return missing;
  }
}

/** Of a long row of exceptions the first are shown. */
const MOST_LEFT_OUT = 50;

function withoutExceptions(timing: Timing): Timing {
  const { when } = timing;
  const { exdates: _, ...rule } = "rrule" in when ? when : { ...when, exdates: undefined };
  const gap = timing.gap === "skip" ? "shift" : timing.gap;
  const leapDay = timing.leapDay === "skip" ? "feb28" : timing.leapDay;
  if (gap === timing.gap && leapDay === timing.leapDay && !("rrule" in when && when.exdates !== undefined))
    return timing;
  return { ...timing, gap, leapDay, when: "rrule" in when ? (rule as typeof when) : when };
}

function isException(one: Occurrence, timing: Timing): boolean {
  const { when, gap, leapDay } = timing;
  if (gap === "skip" && one.note === "gap") return true;
  if ("rrule" in when) return (when.exdates ?? []).some((date) => formatWall(one.wall).startsWith(date));
  if (!("yearly" in when) || leapDay !== "skip" || when.yearly.month !== 2 || when.yearly.day !== 29) return false;
  return dateFromDays(Math.floor(one.wall / DAY)).day !== 29;
}
