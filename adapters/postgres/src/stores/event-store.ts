import {
  type Backlog,
  type BeginReport,
  type Begun,
  type CallbackOwner,
  claimKey,
  type ClaimRef,
  type ClaimReport,
  type ClaimRequest,
  type DeliveredSchedule,
  type Destination,
  type Ending,
  type EventStore,
  type Failpoints,
  type NextWake,
  NO_FAILPOINTS,
  type PlanClaim,
  type TakeReport,
  type TakeRequest,
  type TellOthers,
} from "@punctual/core";
import type { HotPath, HotTransaction } from "../hot-path.js";
import { addEvents } from "./add-events.js";
import { claimDue, type Take } from "./claim-due.js";
import { type DestinationRow, destinationOf, DESTINATIONS } from "./destination-row.js";
import { endingFieldsOf } from "./ending-fields.js";
import { eventOf, type EventRow } from "./event-row.js";
import * as sql from "./hot-statements.js";
import { isId, isStorable } from "./rows.js";

/** The hot path. It knows nothing of the ORM, which functions need not load. */
export class PostgresEventStore implements EventStore {
  readonly #hot: HotPath;
  readonly #failpoints: Failpoints;

  constructor(hot: HotPath, failpoints: Failpoints = NO_FAILPOINTS) {
    this.#hot = hot;
    this.#failpoints = failpoints;
  }

  async claimDue(request: ClaimRequest, plan: PlanClaim): Promise<ClaimReport> {
    const report = await this.#hot.run(async (transaction) => {
      const take: Take = (places) => transaction.query(sql.TAKE, [places, request.leaseMs]);
      const report = await claimDue(request, plan, transaction, this.#failpoints, take);
      if (report.seen > 0) await this.#failpoints.at("claim.before_commit");
      return report;
    });
    if (report.seen > 0) await this.#failpoints.at("claim.after_commit");
    return report;
  }

  async takeDue(request: TakeRequest, plan: PlanClaim): Promise<TakeReport> {
    const report = await this.#hot.run(async (transaction) => {
      let rows: readonly BegunRow[] = [];
      const take: Take = async (places) => {
        rows = await transaction.query<BegunRow>(sql.TAKE_AND_BEGIN, [places, request.leaseMs]);
      };
      const { seen, planned } = await claimDue(
        { ...request, lookAheadMs: null },
        plan,
        transaction,
        this.#failpoints,
        take,
      );
      const destinations = await destinationsOf(rows, transaction);
      const begun = rows.map((row) => {
        const claim = { eventId: row.id, tenant: row.tenant, fence: row.fence };
        return begunOf(claim, row, destinations.get(row.destination_id) ?? null, transaction.now);
      });
      if (seen > 0) await this.#failpoints.at("claim.before_commit");
      return { begun: begun.sort(byDueTime), seen, planned };
    });
    if (report.seen > 0) await this.#failpoints.at("claim.after_commit");
    return report;
  }

  async begin(claims: readonly ClaimRef[], leaseMs: number): Promise<BeginReport> {
    return this.#hot.run(async (transaction) => {
      const { now, query } = transaction;
      const locked = await query<LockedRow>(sql.LOCK_HELD, fieldsOf(claims));
      const due = locked.filter((row) => row.due_at <= now).map((row) => row.id);
      const rows = due.length === 0 ? [] : await query<BegunRow>(sql.BEGIN, [due, leaseMs]);
      const destinations = await destinationsOf(rows, transaction);
      const held = new Map(locked.map((row) => [keyOfRow(row), row]));
      const began = new Map(rows.map((row) => [row.id, row]));
      const report: { begun: Begun[]; lost: ClaimRef[]; early: BeginReport["early"][number][] } = {
        ...{ begun: [], lost: [], early: [] },
      };
      for (const claim of claims) {
        const lock = held.get(keyOf(claim));
        const row = lock === undefined ? undefined : began.get(lock.id);
        held.delete(keyOf(claim)); // one that stands here twice begins once
        if (row !== undefined)
          report.begun.push(begunOf(claim, row, destinations.get(row.destination_id) ?? null, now));
        else if (lock === undefined || lock.due_at <= now) report.lost.push(claim);
        else report.early.push({ claim, inMs: lock.due_at.getTime() - now.getTime() });
      }
      return report;
    });
  }

  async finish(endings: readonly Ending[]): Promise<{ readonly lost: readonly ClaimRef[] }> {
    const first = new Map<string, Ending>();
    for (const ending of endings) if (!first.has(keyOf(ending.claim))) first.set(keyOf(ending.claim), ending);
    const asked = [...first.values()].filter(({ claim }) => isRef(claim));
    const parked = asked.filter(({ outcome }) => outcome.state === "PENDING" && outcome.inMs === null);
    const held = await this.#hot.run(async ({ now, query }) => {
      const held = keysOf(await query<HeldRow>(sql.FINISH, endingFieldsOf(asked)));
      const callbacks = asked.flatMap(({ claim, callback }) =>
        callback !== undefined && held.has(keyOf(claim)) ? [callback] : [],
      );
      if (callbacks.length > 0) await addEvents(callbacks, now, query);
      const still = parked.filter(({ claim }) => held.has(keyOf(claim))).map(({ claim }) => claim.eventId);
      if (still.length > 0) await park(still, query);
      await this.#failpoints.at("finish.before_commit");
      return held;
    });
    await this.#failpoints.at("finish.after_commit");
    const done = (ending: Ending) => first.get(keyOf(ending.claim)) === ending && held.has(keyOf(ending.claim));
    return { lost: endings.filter((ending) => !done(ending)).map(({ claim }) => claim) };
  }

  async release(claims: readonly ClaimRef[]): Promise<void> {
    await this.#hot.run(async (transaction) => transaction.query(sql.RELEASE, fieldsOf(claims)));
  }

  async giveUp(claims: readonly ClaimRef[], mostUnheard: number, tell: TellOthers = () => null): Promise<void> {
    await this.#hot.run(async ({ now, query }) => {
      const failed = await query<OwnedRow>(sql.GIVE_UP, [...fieldsOf(claims), mostUnheard]);
      const callbacks = failed.flatMap((row) => tell(eventOf(row), ownerOf(row), now) ?? []);
      if (callbacks.length > 0) await addEvents(callbacks, now, query);
    });
  }

  async extend(claims: readonly ClaimRef[], leaseMs: number): Promise<{ readonly lost: readonly ClaimRef[] }> {
    const held = await this.#hot.run(async (transaction) =>
      keysOf(await transaction.query<HeldRow>(sql.EXTEND, [...fieldsOf(claims), leaseMs])),
    );
    return { lost: claims.filter((claim) => !held.has(keyOf(claim))) };
  }

  async nextWake(): Promise<NextWake | null> {
    return this.#hot.run(async ({ now, query }) => {
      const [first] = await query<{ wake_at: Date; ahead: boolean }>(sql.NEXT_WAKE);
      return first === undefined ? null : { at: first.wake_at, now, ahead: first.ahead };
    });
  }

  async backlog(): Promise<Backlog> {
    return this.#hot.run(async ({ query }) => {
      const [row] = await query<BacklogRow>(sql.BACKLOG);
      const { oldest_due_age_ms = 0, due = 0, open = 0, oldest_snapshot_ms = 0 } = row ?? {};
      return { oldestDueAgeMs: oldest_due_age_ms, due, open, oldestSnapshotMs: oldest_snapshot_ms };
    });
  }
}

interface BacklogRow {
  readonly oldest_due_age_ms: number;
  readonly due: number;
  readonly open: number;
  readonly oldest_snapshot_ms: number;
}

/** Names a claim that was held. */
type HeldRow = Pick<EventRow, "id" | "fence" | "tenant">;
type LockedRow = HeldRow & Pick<EventRow, "due_at">;
type OwnedRow = EventRow & { readonly on_success: string | null; readonly on_failure: string | null };
type BegunRow = OwnedRow & Pick<DeliveredSchedule, "status" | "revision" | "lateness" | "retry">;

function begunOf(claim: ClaimRef, row: BegunRow, destination: Destination | null, now: Date): Begun {
  const event = eventOf(row);
  const { status, revision, lateness, retry } = row;
  const schedule = { ...ownerOf(row), tenant: event.tenant, status, revision, lateness, retry };
  return { claim, event, schedule, destination, attemptNumber: row.attempts_made + 1, now };
}

function ownerOf({ schedule_id, on_success, on_failure }: OwnedRow): CallbackOwner {
  return { id: schedule_id, onSuccess: on_success, onFailure: on_failure };
}

function byDueTime(one: Begun, other: Begun): number {
  return one.event.dueAt.getTime() - other.event.dueAt.getTime();
}

async function destinationsOf(rows: readonly BegunRow[], { query }: HotTransaction): Promise<Map<string, Destination>> {
  const ids = new Set(rows.map((row) => row.destination_id));
  const found = ids.size === 0 ? [] : await query<DestinationRow>(DESTINATIONS, [[...ids]]);
  return new Map(found.map((row) => [row.id, destinationOf(row)]));
}

/** A worker's event sleeps only while its schedule is still paused; where that is just changing it is asked again. */
async function park(ids: readonly string[], query: HotTransaction["query"]): Promise<void> {
  const schedules = await query<{ id: string }>(sql.SCHEDULES_OF, [ids]);
  const paused = await query<{ id: string }>(sql.MEET_RESUME, [schedules.map(({ id }) => id)]);
  if (paused.length > 0) await query(sql.PARK, [ids, paused.map(({ id }) => id)]);
}

/** Whether there can be such a claim at all: a message may say anything, and must not spoil its neighbours' statement. */
function isRef({ eventId, tenant, fence }: ClaimRef): boolean {
  return isId(eventId) && isStorable(tenant) && Number.isSafeInteger(fence);
}

/** Ids, tenants and fences, as a statement takes them. */
function fieldsOf(claims: readonly ClaimRef[]): readonly [string[], string[], number[]] {
  const refs = claims.filter(isRef);
  return [refs.map((one) => one.eventId), refs.map((one) => one.tenant), refs.map((one) => one.fence)];
}

function keyOf(claim: ClaimRef): string {
  return `${claimKey(claim)}/${claim.tenant}`;
}

function keyOfRow({ id, tenant, fence }: HeldRow): string {
  return keyOf({ eventId: id, tenant, fence });
}

function keysOf(rows: readonly HeldRow[]): Set<string> {
  return new Set(rows.map(keyOfRow));
}
