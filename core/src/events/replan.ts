import { parseWall, type Wall } from "../recurrence/wall.js";
import { type OccurrenceKey, parseKey } from "../recurrence/occurrence.js";
import type { CompiledTiming, Occurrence } from "../recurrence/recurrence.js";
import type { Schedule } from "../schedules/schedule.js";
import { isTerminal, localTimeOf, type NewEvent, type ScheduledEvent } from "./event.js";
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
  /** Whether its rule is another one than before, or only the data of its zone are. */
  readonly timingChanged: boolean;
  /** Events that were handed to a worker, have ended or were moved: the last of the series and the furthest on the wall. */
  readonly settled: readonly ScheduledEvent[];
  /** Occurrences that have ended already, without being passed: they lead nothing. */
  readonly taken: ReadonlySet<OccurrenceKey>;
}

/** What becomes of a series when its timing, or the data of its zone, change. */
export interface Replan {
  /** Events that changed: moved in time, or skipped because the new timing does not have them. */
  readonly replaced: readonly ScheduledEvent[];
  /** Events that had only been foreseen. */
  readonly withdrawn: readonly string[];
  readonly added: readonly NewEvent[];
  /** Where the series goes on under the new timing; events kept from before it belong to the old one. */
  readonly first: OccurrenceKey | null;
  /** Its place in the series. */
  readonly ordinal: number;
}

/**
 * Fits the open events of a schedule to its new timing. Four numbered rules:
 *   1. an open event whose occurrence the new timing still has is moved to its new instant, and is owed even if that has
 *      passed: who moves east on the morning of a birthday is still greeted;
 *   2. one that it no longer has is recorded as skipped, unless it leads and is not due: then it had only been foreseen;
 *   3. a changed rule goes on with the first occurrence that lies ahead and, on the wall clock, strictly after everything
 *      settled: who moves west on a birthday is not greeted twice. A rule that is as it was goes on where it stands;
 *   4. one event leads afterwards, or none if the series is over.
 */
export function replan(question: ReplanQuestion): Replan {
  const { schedule, compiled, tzdata, now, open, timingChanged } = question;
  const parked = schedule.status === "paused";
  const replaced: ScheduledEvent[] = [];
  const withdrawn: string[] = [];
  const kept: Kept[] = [];
  for (const event of open) {
    const beyond = event.ordinal > (compiled.timing.count ?? Infinity); // the series was made shorter
    const occurrence = beyond ? null : compiled.find(event.key);
    // Another rule has no second pass of an hour that its own zone does not repeat; new data of the same zone may.
    const same = occurrence !== null && (!timingChanged || occurrence.key === event.key);
    if (same) kept.push({ event: fitted(event, occurrence), instant: occurrence.instant });
    else if (event.leads && event.dueAt > now) withdrawn.push(event.id);
    else replaced.push(finished(event, "SKIPPED", now, "schedule_changed"));
  }

  const leader = kept.find(({ event }) => event.leads);
  const followers = kept.filter((one) => one !== leader).map(({ event }) => event);
  const settled = [...question.settled, ...followers, ...replaced];
  // The occurrence itself counts, not its event: a spread may still hold that back.
  const owed = leader !== undefined && leader.instant <= now.getTime();
  let next = owed ? null : firstAhead(question, settled);
  while (next !== null && question.taken.has(next.key)) next = compiled.after(next.instant);
  const ordinal = Math.max(0, ...settled.map((event) => event.ordinal)) + 1;
  const within = compiled.timing.count === undefined || ordinal <= compiled.timing.count;

  const added: NewEvent[] = [];
  const leads = owed || (leader !== undefined && leader.event.key === next?.key);
  if (leader !== undefined && !leads) withdrawn.push(leader.event.id);
  if (!leads && next !== null && within)
    added.push(newEvent(schedule, compiled, next, { ordinal, leads: true, tzdata }));
  const head = leads ? leader.event : added[0];
  if (leads) replaced.push(leader.event);
  replaced.push(...followers);
  return {
    replaced: replaced.filter(hasChanged),
    withdrawn,
    added,
    first: head?.key ?? null,
    ordinal: head?.ordinal ?? ordinal,
  };

  function fitted(event: ScheduledEvent, occurrence: Occurrence): ScheduledEvent {
    const dueAt = new Date(compiled.dueAt(schedule.id, occurrence));
    const local = localTimeOf(occurrence, compiled.timing.timeZone);
    if (dueAt.getTime() === event.dueAt.getTime() && event.local.timeZone === local.timeZone) {
      return event.tzdata === tzdata ? event : { ...event, tzdata }; // a claim on it stays good
    }
    return moved(event, { dueAt, local, note: occurrence.note, tzdata }, { parked });
  }

  function hasChanged(event: ScheduledEvent): boolean {
    return !open.includes(event);
  }
}

/** An open event that stays, and the instant of its occurrence. */
interface Kept {
  readonly event: ScheduledEvent;
  readonly instant: number;
}

function firstAhead({ schedule, compiled, now, timingChanged }: ReplanQuestion, settled: readonly ScheduledEvent[]) {
  if (!timingChanged) return furtherOn(schedule, compiled, settled);
  const passed = settled.filter((event) => isPassed(event, now) || !isTerminal(event.state));
  if (passed.length === 0) return compiled.after(now.getTime());
  if (compiled.onInstants) return compiled.after(Math.max(now.getTime(), ...passed.map(instantOf)));
  return compiled.afterBoth(now.getTime(), Math.max(...passed.map(wallOf)));
}

/** What follows the settled events of the present rule; those of an earlier one do not count. */
function furtherOn(schedule: Schedule, compiled: CompiledTiming, settled: readonly ScheduledEvent[]) {
  const present = schedule.history.at(-1);
  if (present === undefined || present.first === null) return null;
  const start = compiled.instantOf(present.first);
  const last = settled
    .filter((event) => event.ordinal >= present.ordinal)
    .map(({ key }) => ({ key, instant: compiled.find(key)?.instant ?? -Infinity }))
    .filter(({ instant }) => instant >= start)
    .sort((one, two) => two.instant - one.instant)[0];
  return last === undefined ? compiled.after(start - 1) : compiled.successor(last.key);
}

/** Whether an event can no longer be sent at another time: it was tried, or it ended and its time has passed. */
export function isPassed(event: ScheduledEvent, now: Date): boolean {
  const { state, attempt, begunAt, dueAt, pinned } = event;
  if (attempt > 0 || begunAt !== null || state === "COMPLETED" || state === "FAILED") return true;
  return (isTerminal(state) || pinned) && dueAt <= now;
}

function instantOf(event: ScheduledEvent): number {
  const parts = parseKey(event.key);
  return "instant" in parts ? parts.instant : event.dueAt.getTime();
}

/** Where an event of the rule stands on the wall clock, wherever a hand has moved it since. */
export function wallOf(event: Pick<ScheduledEvent, "key" | "local">): Wall {
  const parts = parseKey(event.key);
  return "wall" in parts ? parts.wall : (parseWall(event.local.dateTime.slice(0, 19)) ?? 0);
}
