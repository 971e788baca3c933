import type {
  Claim,
  ClaimPlan,
  ClaimReport,
  ClaimRequest,
  ClaimVerdict,
  Failpoints,
  PlanClaim,
  PlannedSchedule,
  WaitingEvent,
} from "@punctual/core";
import type { HotTransaction } from "../hot-path.js";
import { addEvents } from "./add-events.js";
import type { EventRow } from "./event-row.js";
import * as sql from "./hot-statements.js";
import { Running } from "./running.js";

/** Locks what is due, asks the plan about each, and writes what it says: all of it, or, where this throws, nothing (I4). */
export async function claimDue(
  { limit, leaseMs, lookAheadMs = 0 }: ClaimRequest,
  plan: PlanClaim,
  transaction: HotTransaction,
  failpoints: Failpoints,
): Promise<ClaimReport> {
  const { now, query } = transaction;
  const due = await query<DueRow>(sql.LOCK_DUE, [limit, lookAheadMs]);
  if (due.length === 0) return { claims: [], seen: 0, planned: 0, now };

  const schedules = await schedulesOf(due, transaction);
  const running = await Running.among([...schedules.values()], transaction);
  const decided: Decided[] = [];
  for (const row of due) {
    const schedule = schedules.get(row.schedule_id);
    if (schedule === undefined || !running.mayDecide(schedule)) continue;
    const event = waitingOf(row);
    const answer = plan({ event, schedule, othersRunning: running.besides(event) }, now);
    running.note(event, answer.verdict);
    decided.push({ row, schedule, plan: answer });
  }
  await write(decided, leaseMs, transaction);
  const planned = await addSuccessors(decided, transaction, failpoints);
  const claims = decided.filter((one) => one.plan.verdict.kind === "take").map(({ row }) => claimOf(row, leaseMs, now));
  return { claims, seen: decided.length, planned, now };
}

type DueRow = Pick<
  EventRow,
  | "id"
  | "tenant"
  | "schedule_id"
  | "origin"
  | "key"
  | "ordinal"
  | "due_at"
  | "pinned"
  | "leads"
  | "wake_at"
  | "attempt"
  | "redrives"
  | "fence"
  | "begun_at"
> & { /** Where the row lies: good while it is locked. */ readonly place: string };

interface Decided {
  readonly row: DueRow;
  readonly schedule: PlannedSchedule;
  readonly plan: ClaimPlan;
}

interface ScheduleRow {
  readonly id: string;
  readonly tenant: string;
  readonly type: string;
  readonly destination_id: string;
  readonly timing: PlannedSchedule["timing"];
  readonly status: PlannedSchedule["status"];
  readonly catch_up: PlannedSchedule["catchUp"];
  readonly lateness: PlannedSchedule["lateness"];
  readonly if_running: PlannedSchedule["ifRunning"];
  readonly retry: PlannedSchedule["retry"];
}

/** Read behind the lock, so that it is as whoever had the events before has left it. */
async function schedulesOf(due: readonly DueRow[], { query }: HotTransaction): Promise<Map<string, PlannedSchedule>> {
  const ids = new Set(due.map((row) => row.schedule_id));
  const rows = await query<ScheduleRow>(sql.PLANNED_SCHEDULES, [[...ids]]);
  return new Map(
    rows.map(({ destination_id, catch_up, if_running, ...row }) => [
      row.id,
      { ...row, destinationId: destination_id, catchUp: catch_up, ifRunning: if_running },
    ]),
  );
}

async function write(decided: readonly Decided[], leaseMs: number, { now, query }: HotTransaction): Promise<void> {
  const unknown = placesOf(decided.filter(({ row }) => row.begun_at !== null));
  if (unknown.length > 0) await query(sql.RECORD_UNKNOWN, [unknown]);

  const parking = decided.filter(({ plan }) => plan.verdict.kind === "park").map(({ schedule }) => schedule.id);
  const paused = new Set<string>();
  if (parking.length > 0) for (const { id } of await query<{ id: string }>(sql.MEET_RESUME, [parking])) paused.add(id);

  const taken: Decided[] = [];
  const postponed: (Decided & { readonly until: Date | null })[] = [];
  const ended: (Decided & { readonly state: string; readonly reason: string })[] = [];
  for (const one of decided) {
    const { verdict } = one.plan;
    switch (verdict.kind) {
      case "take":
        taken.push(one);
        break;
      case "wait":
        postponed.push({ ...one, until: verdict.until });
        break;
      case "park":
        postponed.push({ ...one, until: paused.has(one.schedule.id) ? null : now });
        break;
      case "skip":
      case "fail":
      case "cancel":
        ended.push({ ...one, state: ENDS_AS[verdict.kind], reason: verdict.reason });
    }
  }
  if (taken.length > 0) await query(sql.TAKE, [placesOf(taken), leaseMs]);
  if (postponed.length > 0) {
    await query(sql.POSTPONE, [placesOf(postponed), idsOf(postponed), postponed.map(({ until }) => until)]);
  }
  if (ended.length > 0) {
    const [states, reasons] = [ended.map(({ state }) => state), ended.map(({ reason }) => reason)];
    await query(sql.END, [placesOf(ended), idsOf(ended), states, reasons]);
  }
}

const ENDS_AS = { skip: "SKIPPED", fail: "FAILED", cancel: "CANCELLED" } as const;

/** Adds what the plans want; where the event that should lead is there already, what follows it, until one is not. */
async function addSuccessors(
  decided: readonly Decided[],
  { now, query }: HotTransaction,
  failpoints: Failpoints,
): Promise<number> {
  let wanted = decided
    .filter(({ plan }) => goesOn(plan.verdict))
    .flatMap(({ plan }) => plan.successors.map((event) => ({ event, plan })));
  if (wanted.length > 0) await failpoints.at("next.before_insert");
  let planned = 0;
  while (wanted.length > 0) {
    const events = wanted.map(({ event }) => event);
    const added = await addEvents(events, now, query);
    planned += added.size;
    wanted = wanted.flatMap(({ event, plan }) => {
      const next = event.leads && !added.has(event.id) ? (plan.following?.(event) ?? null) : null;
      return next === null ? [] : [{ event: next, plan }];
    });
  }
  return planned;
}

/** Whether the series was handed on; an event that was put off goes on leading it. */
function goesOn(verdict: ClaimVerdict): boolean {
  return verdict.kind !== "park" && verdict.kind !== "wait";
}

function waitingOf(row: DueRow): WaitingEvent {
  const { id, tenant, origin, key, ordinal, pinned, leads, attempt, redrives } = row;
  const named = { id, tenant, scheduleId: row.schedule_id, origin, key, ordinal };
  return { ...named, dueAt: row.due_at, pinned, leads, wakeAt: row.wake_at, attempt, redrives };
}

function claimOf(row: DueRow, leaseMs: number, now: Date): Claim {
  const { id, tenant, schedule_id, fence, due_at } = row;
  const leaseEnd = new Date(Math.max(now.getTime(), due_at.getTime()) + leaseMs);
  return { eventId: id, tenant, scheduleId: schedule_id, fence: fence + 1, dueAt: due_at, leaseEnd };
}

function placesOf(decided: readonly Decided[]): string[] {
  return decided.map(({ row }) => row.place);
}

function idsOf(decided: readonly Decided[]): string[] {
  return decided.map(({ row }) => row.id);
}
