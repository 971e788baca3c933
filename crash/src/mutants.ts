import type { ClaimRef, EventStore, NewEvent, PlanClaim } from "@punctual/core";
import { SystemClock } from "@punctual/adapter-local";
import pg from "pg";
import { TIMES } from "./orders.js";

export interface MutantTools {
  readonly url: string;
  /** How the victim is known to the database. */
  readonly name: string;
}

type Plant = (events: EventStore, tools: MutantTools) => Partial<EventStore>;

/** Bugs planted on purpose, around the real store: the checker must find each. */
const PLANTS: Readonly<Record<string, Plant>> = {
  "successors in a second transaction": (events, tools) => ({
    claimDue: (request, plan) => later(plan, tools, (without) => events.claimDue(request, without)),
    takeDue: (request, plan) => later(plan, tools, (without) => events.takeDue(request, without)),
  }),

  "finishing comes late, and does not look at the fence": (events, tools) => ({
    finish: async (endings) => {
      await new SystemClock().sleep(TIMES.leaseMs + 200);
      const ids = endings.map(({ claim }) => claim.eventId);
      const rows = await query<FenceRow>(tools, "select id, fence from events where id = any($1)", [ids]);
      const current = new Map(rows.map(({ id, fence }) => [id, Number(fence)]));
      const fenceOf = ({ eventId, fence }: ClaimRef) => current.get(eventId) ?? fence;
      return events.finish(endings.map((one) => ({ ...one, claim: { ...one.claim, fence: fenceOf(one.claim) } })));
    },
  }),

  "a claim does not wait for the end of a lease": (events, tools) => ({
    claimDue: async (request, plan) => {
      const { claims, ...report } = await events.claimDue(request, plan);
      const taken = await query<TakenRow>(tools, TAKE_HELD, [TIMES.leaseMs]);
      const more = taken.map(({ id, tenant, schedule_id, due_at, fence, wake_at }) => ({
        ...{ eventId: id, tenant, scheduleId: schedule_id, fence: Number(fence), dueAt: due_at, leaseEnd: wake_at },
      }));
      return { ...report, claims: [...claims, ...more] };
    },
  }),

  "attempts of which nothing is heard are not recorded": (events, tools) => ({
    claimDue: async (request, plan) => {
      const report = await events.claimDue(request, plan);
      await query(tools, "delete from attempts where error = 'unknown'", []);
      return report;
    },
    takeDue: async (request, plan) => {
      const report = await events.takeDue(request, plan);
      await query(tools, "delete from attempts where error = 'unknown'", []);
      return report;
    },
  }),

  "each attempt sends another body": (events) => ({
    begin: async (claims, leaseMs) => {
      const report = await events.begin(claims, leaseMs);
      const begun = report.begun.map((one) => {
        const { content } = one.event;
        if (content === null) return one;
        const payload = JSON.stringify({ attempt: one.attemptNumber });
        return { ...one, event: { ...one.event, content: { ...content, payload } } };
      });
      return { ...report, begun };
    },
  }),

  "nothing is released": () => ({ release: async () => undefined }),
};

export const MUTANTS: readonly string[] = Object.keys(PLANTS);

export function plant(name: string, events: EventStore, tools: MutantTools): EventStore {
  const changes = PLANTS[name];
  if (changes === undefined) throw new Error(`No mutant is called ${name}`);
  const real: EventStore = {
    claimDue: (request, plan) => events.claimDue(request, plan),
    takeDue: (request, plan) => events.takeDue(request, plan),
    begin: (claims, leaseMs) => events.begin(claims, leaseMs),
    finish: (endings) => events.finish(endings),
    release: (claims) => events.release(claims),
    giveUp: (...given) => events.giveUp(...given),
    extend: (claims, leaseMs) => events.extend(claims, leaseMs),
    nextWake: () => events.nextWake(),
    backlog: () => events.backlog(),
  };
  return { ...real, ...changes(events, tools) };
}

/** Claims without successors, and adds these afterwards. */
async function later<R>(plan: PlanClaim, tools: MutantTools, claim: (without: PlanClaim) => Promise<R>): Promise<R> {
  const successors = new Map<string, readonly NewEvent[]>();
  const report = await claim((due, now) => {
    const planned = plan(due, now);
    successors.set(due.event.id, planned.successors);
    return { ...planned, successors: [] };
  });
  await query(tools, ADD, [JSON.stringify([...successors.values()].flat().map(rowOf))]);
  return report;
}

const TAKE_HELD = `
  update events set fence = fence + 1, wake_at = now() + $1 * interval '1 millisecond', begun_at = null
  where id = (select id from events where state = 'PROCESSING' and wake_at > now() limit 1 for update skip locked)
  returning id, tenant, schedule_id, due_at, fence, wake_at`;

interface FenceRow {
  readonly id: string;
  readonly fence: string;
}

interface TakenRow extends FenceRow {
  readonly tenant: string;
  readonly schedule_id: string;
  readonly due_at: Date;
  readonly wake_at: Date;
}

const COLUMNS = [
  ...["id", "tenant", "schedule_id", "type", "destination_id", "origin", "key", "ordinal", "local_date_time"],
  ...["time_zone", "utc_offset", "fold", "due_at", "tzdata", "state", "leads", "wake_at", "created_at"],
].join(", ");

const ADD = `
  insert into events (${COLUMNS}) select ${COLUMNS} from json_populate_recordset(null::events, $1)
  on conflict do nothing`;

function rowOf(event: NewEvent): Record<string, unknown> {
  const { id, tenant, type, origin, key, ordinal, local, dueAt, tzdata, leads } = event;
  return {
    ...{ id, tenant, type, origin, key, ordinal, tzdata, leads },
    ...{ schedule_id: event.scheduleId, destination_id: event.destinationId, state: "PENDING" },
    ...{ local_date_time: local.dateTime, time_zone: local.timeZone, utc_offset: local.offset, fold: local.fold },
    ...{ due_at: dueAt, wake_at: dueAt, created_at: dueAt },
  };
}

let pool: pg.Pool | undefined;

async function query<R extends pg.QueryResultRow>(tools: MutantTools, text: string, values: unknown[]): Promise<R[]> {
  if (pool === undefined) {
    const { url, name } = tools;
    pool = new pg.Pool({ connectionString: url, application_name: name, max: 2, allowExitOnIdle: true });
    pool.on("error", () => undefined);
  }
  return (await pool.query<R>(text, values)).rows;
}
