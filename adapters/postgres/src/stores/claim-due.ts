import type {
  Claim,
  ClaimPlan,
  ClaimReport,
  ClaimRequest,
  ClaimVerdict,
  Failpoints,
  PlanClaim,
  PlannedSchedule,
  Reason,
  WaitingEvent,
} from "@punctual/core";
import type { HotTransaction } from "../hot-path.js";
import { addEvents } from "./add-events.js";
import type { EventRow } from "./event-row.js";
import * as sql from "./hot-statements.js";
import { Running } from "./running.js";

/** Writes that events are claimed, by where their rows lie. */
export type Take = (places: readonly string[]) => Promise<unknown>;

/**
 * Locks what is due, asks the plan about each, and writes what it says: all of it, or, where this throws, nothing (I4).
 * What is taken is written by `take`.
 */
export async function claimDue(
  {
    limit,
    leaseMs,
    lookAheadMs = 0,
    latest = false,
  }: Omit<ClaimRequest, "lookAheadMs"> & { readonly lookAheadMs?: number | null },
  plan: PlanClaim,
  transaction: HotTransaction,
  failpoints: Failpoints,
  take: Take,
): Promise<ClaimReport> {
  const { now, query } = transaction;
  const due = await query<DueRow>(latest ? sql.LOCK_LATEST : sql.LOCK_DUE, [limit, lookAheadMs]);
  if (latest) due.reverse(); // to be decided about in the order of time
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
  await write(decided, take, transaction);
  const planned = await addSuccessors(decided, transaction, failpoints);
  const claims = decided.filter((one) => one.plan.verdict.kind === "take").map(({ row }) => claimOf(row, leaseMs, now));
  return { claims, seen: decided.length, planned, now };
}

type DueRow = Pick<
  EventRow,
  | "id"
  | "tenant"
  | "schedule_id"
  | "type"
  | "tzdata"
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
  readonly on_success: string | null;
  readonly on_failure: string | null;
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
    rows.map(({ destination_id, on_success, on_failure, catch_up, if_running, ...row }) => {
      const targets = { destinationId: destination_id, onSuccess: on_success, onFailure: on_failure };
      return [row.id, { ...row, ...targets, catchUp: catch_up, ifRunning: if_running }];
    }),
  );
}

async function write(decided: readonly Decided[], take: Take, { now, query }: HotTransaction): Promise<void> {
  const unknown = decided.filter(({ row }) => row.begun_at !== null);
  if (unknown.length > 0) await query(sql.RECORD_UNKNOWN, [placesOf(unknown)]);

  const paused = await pausedAmong(decided, query);
  const written = Map.groupBy(
    decided.map((one) => ({ ...one, fate: fateOf(one, paused, now) })),
    ({ fate }) => fate.to,
  );
  const [taken = [], waiting = [], ended = []] = (["taken", "waiting", "ended"] as const).map((to) => written.get(to));
  if (taken.length > 0) await take(placesOf(taken));
  if (waiting.length > 0) {
    await query(sql.POSTPONE, [placesOf(waiting), idsOf(waiting), waiting.map(({ fate }) => fate.until)]);
  }
  if (ended.length > 0) {
    const [states, reasons] = [ended.map(({ fate }) => fate.state), ended.map(({ fate }) => fate.reason)];
    await query(sql.END, [placesOf(ended), idsOf(ended), states, reasons]);
  }
}

/** What becomes of an event that wanted attention. */
interface Fate {
  readonly to: "taken" | "waiting" | "ended";
  /** When it is asked again; null is not before its schedule is resumed. */
  readonly until?: Date | null;
  readonly state?: (typeof ENDS_AS)[keyof typeof ENDS_AS];
  readonly reason?: Reason;
}

function fateOf({ schedule, plan: { verdict } }: Decided, paused: ReadonlySet<string>, now: Date): Fate {
  switch (verdict.kind) {
    case "take":
      return { to: "taken" };
    case "wait":
      return { to: "waiting", until: verdict.until };
    case "park":
      return { to: "waiting", until: paused.has(schedule.id) ? null : now };
    case "skip":
    case "fail":
    case "cancel":
      return { to: "ended", state: ENDS_AS[verdict.kind], reason: verdict.reason };
  }
}

const ENDS_AS = { skip: "SKIPPED", fail: "FAILED", cancel: "CANCELLED" } as const;

/** The schedules whose events may be parked: those still paused, and written to, so that no resume overlooks it (E7). */
async function pausedAmong(decided: readonly Decided[], query: HotTransaction["query"]): Promise<ReadonlySet<string>> {
  const parking = decided.filter(({ plan }) => plan.verdict.kind === "park").map(({ schedule }) => schedule.id);
  const met = parking.length === 0 ? [] : await query<{ id: string }>(sql.MEET_RESUME, [parking]);
  return new Set(met.map(({ id }) => id));
}

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
  const { id, tenant, type, tzdata, origin, key, ordinal, pinned, leads, attempt, redrives } = row;
  const named = { id, tenant, scheduleId: row.schedule_id, type, tzdata, origin, key, ordinal };
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
