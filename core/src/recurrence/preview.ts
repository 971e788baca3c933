import type { Occurrence, OccurrenceNote, Recurrence } from "./recurrence.js";
import type { Timing } from "./timing.js";

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
  let room = MOST_LEFT_OUT;
  for (let found = 0; found < options.count; found++) {
    const next = actual.after(cursor);
    if (lenient !== actual) entries.push(...leftOut(cursor, next?.instant ?? Infinity));
    if (next === null) break;
    const dueAt = options.scheduleId === undefined ? next.instant : actual.dueAt(options.scheduleId, next);
    entries.push({ occurrence: next, dueAt, note: next.note });
    cursor = next.instant;
  }
  return entries;

  /** Between two neighbours of the one series the other has but exceptions. */
  function leftOut(from: number, until: number): readonly PreviewEntry[] {
    const missing: PreviewEntry[] = [];
    for (let one = lenient.after(from); one !== null && one.instant < until; one = lenient.after(one.instant)) {
      if (missing.length === LONGEST_ROW || room === 0) break;
      room--;
      missing.push({ occurrence: one, dueAt: null, note: "excluded" });
    }
    return missing;
  }
}

/** Of a long row of exceptions the first are shown. */
const LONGEST_ROW = 50;
/** Of all, so that a rule that leaves out more than it keeps costs no more than one that keeps everything. */
const MOST_LEFT_OUT = 1_000;

/** The same timing, where exceptions, skipped hours and skipped leap days happen all the same. */
function withoutExceptions(timing: Timing): Timing {
  const { when } = timing;
  const gap = timing.gap === "skip" ? "shift" : timing.gap;
  const leapDay = timing.leapDay === "skip" ? "feb28" : timing.leapDay;
  const excepted = "rrule" in when && (when.exdates ?? []).length > 0;
  if (gap === timing.gap && leapDay === timing.leapDay && !excepted) return timing;
  return { ...timing, gap, leapDay, when: excepted ? { ...when, exdates: [] } : when };
}
