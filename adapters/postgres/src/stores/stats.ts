import { type Count, MOST_COUNTED, type Stats, STATS_BACK_MS, STATS_MINUTES, type StatsReader } from "@punctual/core";
import { NOW } from "../transaction.js";
import type { Session } from "./session.js";

/** Counts a tenant's rows by an index, in its order, as far as they are counted. */
export class PostgresStatsReader implements StatsReader {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async read(): Promise<Stats> {
    const { now, tenant } = this.#session;
    const one = async <R extends object>(text: string) => this.#one<R>(text, [tenant, MOST_COUNTED]);
    const open = await one<OpenRow>(OPEN);
    const ended = await one<EndedRow>(ENDED);
    const upcoming = await this.#session.query<MinuteRow>(UPCOMING, [tenant, MOST_COUNTED]);
    const destinations = await one<DestinationsRow>(DESTINATIONS);
    const pendingFull = open.pending >= MOST_COUNTED;
    const processingFull = open.processing_seen >= MOST_COUNTED;
    const { p, max } = ended;
    return {
      at: now,
      open: {
        pending: { count: open.pending, atLeast: pendingFull },
        processing: { count: open.processing, atLeast: processingFull },
        parked: { count: open.parked, atLeast: pendingFull },
        // The earliest are looked at: where the last one of them is not due, all that are due are among them.
        due: capped(open.due, (pendingFull && !open.beyond_due) || processingFull),
        oldestDueAt: open.oldest_due_at,
      },
      finished: {
        seconds: ended.count < MOST_COUNTED ? STATS_BACK_MS / 1_000 : Math.max(1, ended.took_ms) / 1_000,
        byState: {
          COMPLETED: ended.completed,
          FAILED: ended.failed,
          CANCELLED: ended.cancelled,
          SKIPPED: ended.skipped,
        },
      },
      lateness:
        p === null || max === null ? null : { p50Ms: p[0] ?? max, p95Ms: p[1] ?? max, p99Ms: p[2] ?? max, maxMs: max },
      upcoming: upcomingOf(upcoming),
      destinations: {
        enabled: { count: destinations.enabled, atLeast: destinations.seen >= MOST_COUNTED },
        disabled: { count: destinations.seen - destinations.enabled, atLeast: destinations.seen >= MOST_COUNTED },
      },
    };
  }

  async #one<R extends object>(text: string, values: readonly unknown[]): Promise<R> {
    const [row] = await this.#session.query<R>(text, values);
    if (row === undefined) throw new Error("The database counted nothing");
    return row;
  }
}

/** Due events that wait and claims that came to nothing are counted apart: together they may be more than is counted. */
function capped(count: number, atLeast: boolean): Count {
  return { count: Math.min(count, MOST_COUNTED), atLeast: atLeast || count >= MOST_COUNTED };
}

function upcomingOf(rows: readonly MinuteRow[]): Stats["upcoming"] {
  const perMinute: number[] = Array.from({ length: STATS_MINUTES }, () => 0);
  for (const { minute, count } of rows) if (minute < STATS_MINUTES) perMinute[minute] = count;
  const seen = rows.reduce((sum, row) => sum + row.seen, 0);
  const atLeast = seen >= MOST_COUNTED;
  const last = rows.reduce((most, { minute }) => Math.max(most, minute), 0);
  return { perMinute: atLeast ? perMinute.slice(0, last + 1) : perMinute, atLeast };
}

interface OpenRow {
  readonly pending: number;
  readonly parked: number;
  readonly processing: number;
  readonly processing_seen: number;
  readonly due: number;
  readonly beyond_due: boolean;
  readonly oldest_due_at: Date | null;
}

interface EndedRow {
  readonly count: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly took_ms: number;
  readonly p: readonly number[] | null;
  readonly max: number | null;
}

interface MinuteRow {
  readonly minute: number;
  /** Of those that were looked at, the ones that are not parked. */
  readonly count: number;
  readonly seen: number;
}

interface DestinationsRow {
  readonly seen: number;
  readonly enabled: number;
}

const DUE = `wake_at <= ${NOW} and (held_until is null or held_until <= ${NOW})`;

/** $1: tenant; $2: how many rows of each kind. What is processed is looked at whosever it is: that is never many. */
export const OPEN = `
  with pending as materialized (
    select wake_at, held_until, due_at from events
    where tenant = $1 and state = 'PENDING' order by due_at, id limit $2),
  processing as materialized (
    select tenant, wake_at, held_until, due_at from events where state = 'PROCESSING' order by id limit $2),
  due as materialized (
    select due_at from pending where ${DUE} union all select due_at from processing where tenant = $1 and ${DUE})
  select
    (select count(*) from pending) as pending,
    (select count(*) from pending where wake_at is null) as parked,
    (select count(*) from processing where tenant = $1) as processing,
    (select count(*) from processing) as processing_seen,
    (select count(*) from due) as due,
    coalesce((select max(due_at) from pending) > ${NOW}, false) as beyond_due,
    (select min(due_at) from due) as oldest_due_at`;

/** The latest ends: by the index they are read from the last one back. */
export const ENDED = `
  with ended as materialized (
    select state, lateness_ms, finished_at from event_history
    where tenant = $1 and finished_at > ${NOW} - interval '${STATS_BACK_MS} milliseconds' and finished_at <= ${NOW}
    order by finished_at desc, id desc limit $2)
  select count(*) as count,
    count(*) filter (where state = 'COMPLETED') as completed,
    count(*) filter (where state = 'FAILED') as failed,
    count(*) filter (where state = 'CANCELLED') as cancelled,
    count(*) filter (where state = 'SKIPPED') as skipped,
    coalesce(extract(epoch from ${NOW} - min(finished_at)) * 1000, 0)::double precision as took_ms,
    percentile_disc(array[0.5, 0.95, 0.99]) within group (order by lateness_ms) filter (where state = 'COMPLETED') as p,
    max(lateness_ms) filter (where state = 'COMPLETED') as max
  from ended`;

export const UPCOMING = `
  with ahead as materialized (
    select due_at, wake_at from events
    where tenant = $1 and state = 'PENDING' and due_at > ${NOW} and due_at <= ${NOW} + interval '${STATS_MINUTES} minutes'
    order by due_at, id limit $2)
  select ceil(extract(epoch from due_at - ${NOW}) / 60)::integer - 1 as minute,
    count(*) filter (where wake_at is not null) as count, count(*) as seen
  from ahead group by 1`;

export const DESTINATIONS = `
  select count(*) as seen, count(*) filter (where enabled) as enabled
  from (select enabled from destinations where tenant = $1 order by id limit $2) d`;
