import type pg from "pg";

/** Whose nearly all of it is. */
export const CROWDED = "main";

/** How the rows of a crowd lie. */
export interface Crowd {
  readonly open: number;
  /** Spread over four months, a twentieth of them over the last ten minutes. */
  readonly ended: number;
}

/** A million rows at a time, so that no transaction grows without bounds. */
const AT_ONCE = 1_000_000;

/** Rows as an old and busy database has them, made within it. */
export async function fillWith(pool: pg.Pool, { open, ended }: Crowd, say: (line: string) => void = () => undefined) {
  for (const text of MONTHS_BEFORE) await pool.query(text);
  await pool.query(DESTINATIONS, [CROWDED]);
  for (const [name, text, count] of [
    ["ended", ENDED, ended],
    ["open", OPEN, open],
  ] as const) {
    for (let from = 1; from <= count; from += AT_ONCE) {
      await pool.query(text, [CROWDED, from, Math.min(count, from + AT_ONCE - 1), count]);
      say(`${Math.min(count, from + AT_ONCE - 1)} ${name}`);
    }
  }
  await pool.query("vacuum analyze events, event_history, destinations");
}

const MONTHS_BEFORE = [1, 2, 3].map(
  (months) => `
  do $$ declare first timestamptz := date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' - interval '${months} months';
  begin execute format('create table event_history_ago_${months} partition of event_history for values from (%L) to (%L)',
    first, first + interval '1 month'); end $$`,
);

const DESTINATIONS = `
  insert into destinations (id, tenant, kind, url, method, headers, timeout_ms, enabled, inline, revision, created_at,
    updated_at)
  select gen_random_uuid(), case when n % 33 = 0 then 'tenant-' || n % 5 else $1 end, 'http', 'https://receiver.example/', 'POST', '{}', 1000, n % 10 > 0, false, 1, now(), now()
  from generate_series(1, 20000) n`;

const COLUMNS = `id, tenant, schedule_id, type, destination_id, origin, key, ordinal, local_date_time, time_zone, utc_offset,
  fold, due_at, tzdata, state, payload, lateness_ms, created_at`;

/** $1: the one tenant; $2 to $3: which ones, of $4. */
const factsOf = (mark: string, dueAt: string, state: string) => `
  ('${mark}0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
  case when n % 33 = 0 then 'tenant-' || n % 5 else $1 end,
  ('00000000-0000-7000-8000-' || lpad(to_hex(n * 7919 % 100000), 12, '0'))::uuid, 'report.due',
  ('00000000-0000-7000-8000-' || lpad(to_hex(n % 1000), 12, '0'))::uuid, 'rule', '2030-01-01T00:00:00/0', 1,
  '2030-01-01T00:00:00', 'Etc/UTC', '+00:00', 0, ${dueAt}, '2026a', ${state}, '{"report":"sales","of":"yesterday"}',
  n * 31 % 5000, ${dueAt} - interval '1 day'`;

const ENDED = `
  insert into event_history (${COLUMNS}, finished_at)
  select ${factsOf("eeee", "at", "case n % 50 when 0 then 'FAILED' when 1 then 'SKIPPED' else 'COMPLETED' end")}, at
  from (
    select n, date_trunc('milliseconds', case
      when n > 0.95 * $4::bigint then now() - ($4 - n) / (0.05 * $4) * interval '10 minutes'
      else now() - interval '10 minutes' - (0.95 * $4 - n) / (0.95 * $4) * interval '85 days' end) as at
    from generate_series($2::bigint, $3::bigint) n) placed`;

/** A hundredth is due, some is parked or being delivered, and the rest waits for up to a year. */
const OPEN = `
  insert into events (${COLUMNS}, leads, wake_at)
  select ${factsOf("0000", "at", "case when n % 5000 = 0 then 'PROCESSING' else 'PENDING' end")}, false,
    case when n % 100 = 7 then null when n % 5000 = 0 then now() + interval '1 minute' else at end
  from (
    select n, date_trunc('milliseconds', case
      when n % 100 = 0 then now() - n / $4::float8 * interval '1 hour'
      when n % 10 = 1 then now() + n / $4::float8 * interval '1 hour'
      else now() + interval '1 hour' + n / $4::float8 * interval '1 year' end) as at
    from generate_series($2::bigint, $3::bigint) n) placed`;
