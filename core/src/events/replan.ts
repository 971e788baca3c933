import { parseWall, type Wall } from "../recurrence/wall.js";
import { type OccurrenceKey, parseKey } from "../recurrence/occurrence.js";
import type { CompiledTiming, Occurrence } from "../recurrence/recurrence.js";
import type { Schedule } from "../schedules/schedule.js";
import { localTimeOf, type NewEvent, type ScheduledEvent } from "./event.js";
import { finished, moved } from "./life-cycle.js";
import { newEvent } from "./new-event.js";

export interface ReplanQuestion {
  readonly schedule: Schedule;
  /** The timing from now on. */
  readonly compiled: CompiledTiming;
  readonly tzdata: string;
  readonly now: Date;
  /** The open events of the rule that nobody has begun, the earliest first. */
  readonly open: readonly ScheduledEvent[];
  /** The furthest event, on the wall clock, that was handed to a worker, has ended or was moved by hand. */
  readonly lastSettled: ScheduledEvent | null;
}

/** What becomes of a series when its timing, or the data of its zone, change. */
export interface Replan {
  /** Events that changed: moved in time, or skipped because the new timing does not have them. */
  readonly replaced: readonly ScheduledEvent[];
  /** Events that had only been foreseen. */
  readonly withdrawn: readonly string[];
  readonly added: readonly NewEvent[];
  /** The first occurrence of the series under the new timing. */
  readonly first: OccurrenceKey | null;
}

/**
 * Fits the open events of a schedule to its new timing. Four numbered rules:
 *   1. an open event whose occurrence the new timing still has is moved to its new instant, and is owed even if that has
 *      passed: who moves east on the morning of a birthday is still greeted;
 *   2. one that it no longer has is taken back, and recorded as skipped if it was due already;
 *   3. the series goes on with the first occurrence that lies ahead and, on the wall clock, strictly after everything
 *      settled: who moves west on a birthday is not greeted twice;
 *   4. one event leads afterwards, or none if the series is over.
 */
export function replan(question: ReplanQuestion): Replan {
  const { schedule, compiled, tzdata, now, open, lastSettled } = question;
  const parked = schedule.status === "paused";
  const replaced: ScheduledEvent[] = [];
  const withdrawn: string[] = [];
  const kept: ScheduledEvent[] = [];
  for (const event of open) {
    const occurrence = compiled.find(event.key);
    if (occurrence !== null) kept.push(fitted(event, occurrence));
    else if (event.dueAt <= now) replaced.push(finished(event, "SKIPPED", now, "schedule_changed"));
    else withdrawn.push(event.id);
  }

  const leader = kept.find((event) => event.leads);
  const followers = kept.filter((event) => event !== leader);
  const settled = [...list(lastSettled), ...followers];
  const next = leader !== undefined && leader.dueAt <= now ? null : firstAhead(compiled, now, settled);
  const ordinal = Math.max(0, ...settled.map((event) => event.ordinal)) + 1;
  const within = compiled.timing.count === undefined || ordinal <= compiled.timing.count;

  const added: NewEvent[] = [];
  if (leader !== undefined && (leader.dueAt <= now || leader.key === next?.key)) replaced.push(leader);
  else {
    if (leader !== undefined) withdrawn.push(leader.id);
    if (next !== null && within) added.push(newEvent(schedule, compiled, next, { ordinal, leads: true, tzdata }));
  }
  replaced.push(...followers);
  const first = [...kept.filter((event) => !withdrawn.includes(event.id)), ...added].sort(byPlace)[0];
  return { replaced: replaced.filter(hasChanged), withdrawn, added, first: first?.key ?? null };

  function fitted(event: ScheduledEvent, occurrence: Occurrence): ScheduledEvent {
    const dueAt = new Date(compiled.dueAt(schedule.id, occurrence));
    const local = localTimeOf(occurrence, compiled.timing.timeZone);
    if (dueAt.getTime() === event.dueAt.getTime() && event.local.timeZone === local.timeZone) return event;
    return moved(event, { dueAt, local, note: occurrence.note, tzdata }, { parked });
  }

  function hasChanged(event: ScheduledEvent): boolean {
    return !open.includes(event);
  }
}

function firstAhead(compiled: CompiledTiming, now: Date, settled: readonly ScheduledEvent[]): Occurrence | null {
  if (settled.length === 0) return compiled.after(now.getTime());
  if (compiled.onInstants) return compiled.after(Math.max(now.getTime(), ...settled.map((one) => one.dueAt.getTime())));
  return compiled.afterBoth(now.getTime(), Math.max(...settled.map(wallOf)));
}

/** Where an event of the rule stands on the wall clock, wherever a hand has moved it since. */
export function wallOf(event: Pick<ScheduledEvent, "key" | "local">): Wall {
  const parts = parseKey(event.key);
  return "wall" in parts ? parts.wall : (parseWall(event.local.dateTime.slice(0, 19)) ?? 0);
}

function byPlace(one: { dueAt: Date }, other: { dueAt: Date }): number {
  return one.dueAt.getTime() - other.dueAt.getTime();
}

function list<T>(one: T | null): readonly T[] {
  return one === null ? [] : [one];
}
