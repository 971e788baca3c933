import {
  type Backlog,
  type BeginReport,
  type Begun,
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
} from "@punctual/core";
import type { HotPath, HotTransaction } from "../hot-path.js";
import { claimDue } from "./claim-due.js";
import { type DestinationRow, destinationOf, DESTINATIONS } from "./destination-row.js";
import { attemptRowOf, eventOf, type EventRow } from "./event-row.js";
import * as sql from "./hot-statements.js";

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
      const report = await claimDue(request, plan, transaction, this.#failpoints);
      await this.#failpoints.at("claim.before_commit");
      return report;
    });
    await this.#failpoints.at("claim.after_commit");
    return report;
  }

  async begin(claims: readonly ClaimRef[], leaseMs: number): Promise<BeginReport> {
    return this.#hot.run(async (transaction) => {
      const { now, query } = transaction;
      const rows = await query<BegunRow>(sql.BEGIN, [...fieldsOf(claims), leaseMs]);
      const destinations = await destinationsOf(rows, transaction);
      const held = new Map(rows.map((row) => [keyOf(row), row]));
      const begun: Begun[] = [];
      const rest: ClaimRef[] = [];
      for (const claim of claims) {
        const row = held.get(claimKey(claim));
        held.delete(claimKey(claim)); // one that stands here twice begins once
        if (row === undefined) rest.push(claim);
        else begun.push(begunOf(claim, row, destinations.get(row.destination_id) ?? null, now));
      }
      return { begun, ...(await this.#early(rest, transaction)) };
    });
  }

  /** Of claims that did not begin, which came too early; the others are lost. */
  async #early(claims: readonly ClaimRef[], { now, query }: HotTransaction): Promise<Omit<BeginReport, "begun">> {
    if (claims.length === 0) return { lost: [], early: [] };
    const rows = await query<EarlyRow>(sql.EARLY, fieldsOf(claims));
    const due = new Map(rows.map((row) => [keyOf(row), row.due_at.getTime()]));
    return {
      lost: claims.filter((claim) => !due.has(claimKey(claim))),
      early: claims.flatMap((claim) => {
        const at = due.get(claimKey(claim));
        return at === undefined ? [] : [{ claim, inMs: at - now.getTime() }];
      }),
    };
  }

  async finish(endings: readonly Ending[]): Promise<{ readonly lost: readonly ClaimRef[] }> {
    const first = new Map<string, Ending>();
    for (const ending of endings) if (!first.has(claimKey(ending.claim))) first.set(claimKey(ending.claim), ending);
    const asked = [...first.values()];
    const parked = asked.filter(({ outcome }) => outcome.state === "PENDING" && outcome.inMs === null);
    const held = await this.#hot.run(async ({ query }) => {
      const held = keysOf(await query<HeldRow>(sql.FINISH, endingFieldsOf(asked)));
      const still = parked.filter(({ claim }) => held.has(claimKey(claim)));
      if (still.length > 0) await query(sql.PARK_IF_PAUSED, [still.map(({ claim }) => claim.eventId)]);
      await this.#failpoints.at("finish.before_commit");
      return held;
    });
    await this.#failpoints.at("finish.after_commit");
    const done = (ending: Ending) => first.get(claimKey(ending.claim)) === ending && held.has(claimKey(ending.claim));
    return { lost: endings.filter((ending) => !done(ending)).map(({ claim }) => claim) };
  }

  async release(claims: readonly ClaimRef[]): Promise<void> {
    await this.#hot.run(async (transaction) => transaction.query(sql.RELEASE, fieldsOf(claims)));
  }

  async giveUp(claims: readonly ClaimRef[], mostUnheard: number): Promise<void> {
    await this.#hot.run(async (transaction) => transaction.query(sql.GIVE_UP, [...fieldsOf(claims), mostUnheard]));
  }

  async extend(claims: readonly ClaimRef[], leaseMs: number): Promise<{ readonly lost: readonly ClaimRef[] }> {
    const held = await this.#hot.run(async (transaction) =>
      keysOf(await transaction.query<HeldRow>(sql.EXTEND, [...fieldsOf(claims), leaseMs])),
    );
    return { lost: claims.filter((claim) => !held.has(claimKey(claim))) };
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
type HeldRow = Pick<EventRow, "id" | "fence">;
type EarlyRow = HeldRow & Pick<EventRow, "due_at">;
type BegunRow = EventRow & Pick<DeliveredSchedule, "status" | "revision" | "lateness" | "retry">;

function begunOf(claim: ClaimRef, row: BegunRow, destination: Destination | null, now: Date): Begun {
  const event = eventOf(row);
  const { status, revision, lateness, retry } = row;
  const schedule = { id: event.scheduleId, tenant: event.tenant, status, revision, lateness, retry };
  return { claim, event, schedule, destination, attemptNumber: row.attempts_made + 1, now };
}

async function destinationsOf(rows: readonly BegunRow[], { query }: HotTransaction): Promise<Map<string, Destination>> {
  const ids = new Set(rows.map((row) => row.destination_id));
  const found = ids.size === 0 ? [] : await query<DestinationRow>(DESTINATIONS, [[...ids]]);
  return new Map(found.map((row) => [row.id, destinationOf(row)]));
}

/** Ids, tenants and fences, as a statement takes them. */
function fieldsOf(claims: readonly ClaimRef[]): readonly [string[], string[], number[]] {
  return [claims.map((one) => one.eventId), claims.map((one) => one.tenant), claims.map((one) => one.fence)];
}

function endingFieldsOf(endings: readonly Ending[]): readonly unknown[] {
  const attempts = endings.map(({ attempt }) => (attempt === undefined ? null : attemptRowOf(attempt)));
  return [
    ...fieldsOf(endings.map(({ claim }) => claim)),
    endings.map(({ outcome }) => outcome.state),
    endings.map(({ outcome }) => ("reason" in outcome ? outcome.reason : null)),
    endings.map(({ outcome }) => ("inMs" in outcome ? outcome.inMs : null)),
    endings.map(({ latenessMs }) => latenessMs ?? null),
    attempts.map((one) => one?.number ?? null),
    attempts.map((one) => one?.started_at.toISOString() ?? null),
    attempts.map((one) => one?.duration_ms ?? null),
    attempts.map((one) => one?.status ?? null),
    attempts.map((one) => one?.error ?? null),
    attempts.map((one) => one?.response_excerpt ?? null),
  ];
}

function keyOf({ id, fence }: HeldRow): string {
  return claimKey({ eventId: id, tenant: "", fence });
}

function keysOf(rows: readonly HeldRow[]): Set<string> {
  return new Set(rows.map(keyOf));
}
