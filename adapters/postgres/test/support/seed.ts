import type pg from "pg";
import { TENANT } from "./stores.js";

export interface Seed {
  readonly schedules?: number;
  /** Spread over the schedules. */
  readonly events?: number;
  /** When the first is due; the others follow, a millisecond apart. */
  readonly dueInMs?: number;
}

export interface Seeded {
  readonly scheduleIds: readonly string[];
  /** The earliest due first. */
  readonly eventIds: readonly string[];
}

/** A destination, schedules and pending events, a great many if need be; due for an hour, if not said otherwise. */
export async function seed(
  pool: pg.Pool,
  { schedules = 1, events = 0, dueInMs = -3_600_000 }: Seed = {},
): Promise<Seeded> {
  const { rows } = await pool.query<{ ids: string[] }>(SCHEDULES, [schedules, TENANT]);
  const scheduleIds = rows[0]?.ids ?? [];
  const added = await pool.query<{ ids: string[] | null }>(EVENTS, [events, TENANT, scheduleIds, dueInMs]);
  return { scheduleIds, eventIds: added.rows[0]?.ids ?? [] };
}

const SCHEDULES = `
  with destination as (
    insert into destinations (id, tenant, kind, url, method, headers, timeout_ms, enabled, inline, shared, revision,
      created_at, updated_at)
    values (gen_random_uuid(), $2, 'webhook', 'https://receiver.example/', 'POST', '{}', 1000, true, false, false, 1,
      now(), now())
    returning id),
  added as (
    insert into schedules (id, tenant, type, timing, time_zone, destination_id, payload, catch_up, if_running, retry,
      labels, status, revision, history, created_at, updated_at)
    select gen_random_uuid(), $2, 'report.due', '{"timeZone":"Etc/UTC"}', 'Etc/UTC', d.id, '{}', '{}', 'start', '{}', '{}', 'active', 1,
      '[]', now(), now()
    from destination d, generate_series(1, $1::integer)
    returning id)
  select array_agg(id) as ids from added`;

const EVENTS = `
  with added as (
    insert into events (id, tenant, schedule_id, type, destination_id, origin, key, ordinal, local_date_time,
      time_zone, utc_offset, fold, due_at, tzdata, state, created_at, leads, wake_at)
    select gen_random_uuid(), $2, s.id, s.type, s.destination_id, 'rule', '2030-01-01T00:00:00/0', n, '2030-01-01T00:00:00', 'Etc/UTC',
      '+00:00', 0, due.at, '2026a', 'PENDING', now(), false, due.at
    from generate_series(1, $1::integer) n
    join schedules s on s.id = ($3::uuid[])[1 + n % cardinality($3::uuid[])],
    lateral (select date_trunc('milliseconds', now()) + ($4::double precision + n) * interval '1 millisecond' as at) due
    returning id, due_at)
  select array_agg(id order by due_at) as ids from added`;

const STORED = ["events", "event_history", "attempts", "schedules", "destinations"] as const;

/** All that is stored of events and what they belong to, row by row, as text. */
export async function wholeTables(pool: pg.Pool): Promise<Readonly<Record<string, readonly string[]>>> {
  const tables = await Promise.all(
    STORED.map(async (table) => {
      const { rows } = await pool.query<{ row: string }>(`select t::text as row from ${table} t order by 1`);
      return [table, rows.map(({ row }) => row)] as const;
    }),
  );
  return Object.fromEntries(tables);
}

/** How many events are in each state, live or finished. */
export async function states(pool: pg.Pool): Promise<Readonly<Record<string, number>>> {
  const text = `select state, count(*) as count from
    (select state from events union all select state from event_history) e group by state`;
  const { rows } = await pool.query<{ state: string; count: number }>(text);
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
