import type { ClaimPlan, ClaimVerdict, DueEvent, PlanClaim } from "../ports/event-store.js";
import { parseDuration } from "../recurrence/duration.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import { callbackOf } from "./callback.js";
import { isAskedFor, type NewEvent } from "./event.js";
import { insteadOf, successorOf } from "./new-event.js";
import { latestSend } from "./retry.js";

export interface PlanOptions {
  /** An event that nobody looked at for so long after it was due was missed: its schedule's `catchUp` decides about it. */
  readonly missedAfterMs: number;
  /** How often an event that waits for the one before it asks again. */
  readonly waitMs: number;
  /** The most events that one claim may create; what is left over follows with the next one. */
  readonly mostPlanned: number;
}

export const PLAN_DEFAULTS: PlanOptions = { missedAfterMs: 300_000, waitMs: 5_000, mostPlanned: 1_000 };

/**
 * What a claim does with an event, and which events it adds to the series. Three numbered rules:
 *   1. only the event that leads its series adds to it, so each occurrence is planned once (I4);
 *   2. whatever happens to an event, its series goes on (I5);
 *   3. what is not sent is recorded, with its reason (I10).
 */
export function claimPlanner(recurrence: Recurrence, options: PlanOptions = PLAN_DEFAULTS): PlanClaim {
  return (due, now) => {
    const { event, schedule } = due;
    if (event.origin !== "callback") {
      if (schedule.status === "deleted") return { verdict: cancelled, successors: [] };
      if (schedule.status === "paused") return { verdict: { kind: "park" }, successors: [] };
    }
    if (event.attempt > 0) return planRetry(due, now);
    if (isAskedFor(event)) return { verdict: take, successors: [] };

    if (due.othersRunning && schedule.ifRunning === "wait") {
      return { verdict: { kind: "wait", until: new Date(now.getTime() + options.waitMs) }, successors: [] };
    }
    const { timing } = schedule;
    // Nothing follows a single moment, and to compile it for that would cost more than all else here.
    const once = "at" in timing.when;
    const tzdata = recurrence.zones.version;
    const next = (one: Place) => (once ? null : successorOf(one, schedule, recurrence.of(timing), tzdata));
    const following = (leader: NewEvent) => (once ? null : insteadOf(leader, schedule, recurrence.of(timing), tzdata));
    const plan = { ...catchUp(due, now, { next, options }), following };
    if (plan.verdict.kind !== "take") return plan;
    if (due.othersRunning && schedule.ifRunning === "skip") {
      return { ...plan, verdict: { kind: "skip", reason: "previous_still_running" } };
    }
    const tooLate = now.getTime() > latestSend(schedule.lateness, event);
    return tooLate ? { ...plan, verdict: { kind: "skip", reason: "too_late" } } : plan;
  };
}

const take: ClaimVerdict = { kind: "take" };
const missed: ClaimVerdict = { kind: "skip", reason: "missed" };
const cancelled: ClaimVerdict = { kind: "cancel", reason: "schedule_deleted" };

/** A failure that only the claim finds is told of, like any other. */
function planRetry(due: DueEvent, now: Date): ClaimPlan {
  const verdict = verdictOnRetry(due, now);
  if (verdict.kind !== "fail") return { verdict, successors: [] };
  const { event, schedule } = due;
  const ended = { state: "FAILED", reason: verdict.reason, attempts: event.attempt, status: null } as const;
  return { verdict, successors: list(callbackOf(event, schedule, ended, now)) };
}

/** An event that was tried before, or whose worker was never heard of again. */
function verdictOnRetry({ event, schedule }: DueEvent, now: Date): ClaimVerdict {
  if (event.attempt >= schedule.retry.maxAttempts) return { kind: "fail", reason: "attempts_exhausted" };
  if (now.getTime() > latestSend(schedule.lateness, event)) return { kind: "fail", reason: "out_of_time" };
  return take;
}

type Place = Pick<NewEvent, "key" | "ordinal">;

interface Context {
  /** What follows an event in its series. */
  readonly next: (one: Place) => NewEvent | null;
  readonly options: PlanOptions;
}

function catchUp({ event, schedule }: DueEvent, now: Date, { next: after, options }: Context): ClaimPlan {
  const following = after(event);
  const next = event.leads ? following : null;
  // One that waited for its destination, or for the event before it, was looked after all the time.
  const wanted = Math.max(event.dueAt.getTime(), event.wakeAt?.getTime() ?? 0);
  if (event.pinned || !isMissed(wanted, now, options)) return { verdict: take, successors: list(next) };

  const { policy, within } = schedule.catchUp;
  const oldest = within === undefined ? -Infinity : now.getTime() - (parseDuration(within) ?? 0);
  const tooOld = event.dueAt.getTime() < oldest;
  switch (policy) {
    case "all":
      return { verdict: tooOld ? missed : take, successors: list(next) };
    case "none":
      return { verdict: missed, successors: skipWhile(next, (one) => isMissed(one.dueAt.getTime(), now, options)) };
    case "latest": {
      // The latest that is due is sent, however short its own delay; all before it are not.
      const superseded = (one: NewEvent) => {
        const later = after(one);
        return one.dueAt.getTime() < oldest || (later !== null && later.dueAt <= now);
      };
      const isLatest = following === null || following.dueAt > now;
      return { verdict: isLatest && !tooOld ? take : missed, successors: skipWhile(next, superseded) };
    }
  }

  /** The events from `first` on that are recorded as missed, and the one behind them, which leads the series. */
  function skipWhile(first: NewEvent | null, unwanted: (one: NewEvent) => boolean): readonly NewEvent[] {
    const planned: NewEvent[] = [];
    let one = first;
    while (one !== null && planned.length < options.mostPlanned - 1 && unwanted(one)) {
      planned.push({ ...one, state: "SKIPPED", reason: "missed", leads: false });
      one = after(one);
    }
    return one === null ? planned : [...planned, one];
  }
}

function isMissed(wanted: number, now: Date, options: PlanOptions): boolean {
  return now.getTime() - wanted > options.missedAfterMs;
}

function list<T>(one: T | null): readonly T[] {
  return one === null ? [] : [one];
}
