import type { EndedEvents, EndedPage, EndedQuery, EndPlace } from "@punctual/core";
import { NOW } from "../transaction.js";
import { eventOf, type EventRow, historyRow } from "./event-row.js";
import { behind, isId } from "./rows.js";
import type { Session } from "./session.js";

/**
 * Events in the order of their ends. An end is told by the time at which its transaction began, and is seen when that has
 * committed: so what is settled lies before the begin of every transaction that may still end something.
 */
export class PostgresEndedEvents implements EndedEvents {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async settled(): Promise<Date> {
    const [row] = await this.#session.query<{ at: Date }>(SETTLED);
    if (row === undefined) throw new Error("The database did not tell what is settled");
    return row.at;
  }

  async page({ limit, after, before, states, scheduleId, destinationId }: EndedQuery): Promise<EndedPage> {
    const { tenant } = this.#session;
    const all = states === undefined && scheduleId === undefined && destinationId === undefined;
    const last = all ? null : await this.#lastLookedAt(after, before);
    const asked = [states ?? null, scheduleId ?? null, destinationId ?? null];
    const able = [scheduleId, destinationId].every((id) => id === undefined || isId(id));
    const until = [last?.finishedAt ?? before, last?.id ?? null];
    const place = [tenant, after.finishedAt, behind(after.id), ...until];
    const rows = able ? await this.#session.query<EventRow>(PAGE, [...place, limit + 1, ...asked]) : [];
    const events = rows.slice(0, limit).map(eventOf);
    const end = events.at(-1);
    if (rows.length > limit && end !== undefined) {
      return { events, place: { finishedAt: end.finishedAt ?? before, id: end.id }, complete: false };
    }
    if (last !== null) return { events, place: last, complete: false };
    return { events, place: before > after.finishedAt ? { finishedAt: before, id: "" } : after, complete: true };
  }

  /** Where a page ends though there is more: little of what is looked at may be what is asked for. */
  async #lastLookedAt(after: EndPlace, before: Date): Promise<EndPlace | null> {
    const values = [this.#session.tenant, after.finishedAt, behind(after.id), before, LOOKED_AT - 1];
    const [row] = await this.#session.query<{ finished_at: Date; id: string }>(LAST_LOOKED_AT, values);
    return row === undefined ? null : { finishedAt: row.finished_at, id: row.id };
  }
}

/** How many ends a page looks at, where it does not tell of all. */
const LOOKED_AT = 5_000;

/**
 * A transaction that has written something shows it by its id. One that has not yet may still do so, and waits for a lock
 * perhaps: for a minute it counts too, and behind that only reports and dumps are left, which end nothing. What has just
 * begun may not be shown yet: half a second is enough for that. Other users' transactions are seen with the role
 * `pg_read_all_stats` alone.
 */
export const SETTLED = `
  select date_trunc('milliseconds', least(${NOW} - interval '500 milliseconds', (
    select min(xact_start) from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
      and (backend_xid is not null or xact_start > clock_timestamp() - interval '1 minute')
      and pid not in (select pid from pg_stat_progress_vacuum)
  ))) as at`;

/** $1: tenant; $2 and $3: behind this; $4: before this. */
const BETWEEN = "tenant = $1 and finished_at >= $2 and (finished_at, id) > ($2, $3::uuid)";

/** $4 and $5: up to here, or, without an id, before then; $6: how many; $7 to $9: what is asked for. */
export const PAGE = `
  select ${historyRow("e")} from event_history e
  where ${BETWEEN} and finished_at <= $4 and (finished_at < $4 or id <= $5::uuid)
    and ($7::text[] is null or state = any($7)) and ($8::uuid is null or schedule_id = $8)
    and ($9::uuid is null or destination_id = $9)
  order by finished_at, id limit $6`;

/** $5: how many before it. */
export const LAST_LOOKED_AT = `
  select finished_at, id from event_history
  where ${BETWEEN} and finished_at < $4 order by finished_at, id offset $5 limit 1`;
