import { Migration } from "@mikro-orm/migrations";

/** What an event is, live or finished. */
const FACTS = `
  id uuid not null,
  tenant text not null,
  schedule_id uuid not null,
  type text not null,
  destination_id uuid not null,
  origin text not null,
  key text not null,
  ordinal integer not null,
  local_date_time text not null,
  time_zone text not null,
  utc_offset text not null,
  fold smallint not null,
  -- where the rule puts it on the wall clock; null if it was asked for by hand
  wall timestamp(3),
  note text,
  due_at timestamptz(3) not null,
  tzdata text not null,
  pinned boolean not null default false,
  state text not null,
  fence bigint not null default 0,
  unheard integer not null default 0,
  attempt integer not null default 0,
  -- attempts on record, those before a redrive included
  attempts_made integer not null default 0,
  first_attempt_at timestamptz(3),
  payload text,
  subject json,
  redrives integer not null default 0,
  lateness_ms double precision,
  created_at timestamptz(3) not null`;

/**
 * The tables. Nothing is there before, so nothing waits for a lock.
 *
 * `events` holds what is not finished, and `wake_at` alone decides what is claimed. Its indexes are few, since a claim
 * writes an entry into each; a begin writes none, since it changes no indexed column and finds room in the same page. It is
 * vacuumed often, since every row of it is written three times and then deleted. `event_history` and `attempts` are partitioned by month and only ever added to: what is
 * too old goes with its partition. Rows for which no partition was made in time go into the default one.
 */
export class Tables extends Migration {
  static readonly kind = "expand";

  override up(): void {
    this.addSql(`
      create table schema_version (
        version integer not null,
        -- the oldest program, by the last migration that it knows, that this schema still serves
        oldest_program integer not null
      )`);
    this.addSql(`insert into schema_version values (1, 1)`);

    this.addSql(`
      create table destinations (
        id uuid primary key,
        tenant text not null,
        kind text not null,
        url text not null,
        method text not null,
        headers json not null,
        rate_per_second double precision,
        concurrency integer,
        timeout_ms integer not null,
        enabled boolean not null,
        disabled_because text,
        inline boolean not null,
        -- equal for what was made from the same URL and settings
        inline_key text,
        -- the one of them that new schedules are given
        shared boolean not null default false,
        revision integer not null,
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null
      )`);
    this.addSql(`create index destinations_list on destinations (tenant, id)`);
    this.addSql(
      `create unique index destinations_inline on destinations (tenant, inline_key) where enabled and shared`,
    );

    this.addSql(`
      create table schedules (
        id uuid primary key,
        tenant text not null,
        key text,
        type text not null,
        timing json not null,
        time_zone text not null,
        destination_id uuid not null,
        -- a deleted schedule keeps no destination from being removed
        uses_destination uuid generated always as (case when status <> 'deleted' then destination_id end) stored
          references destinations (id),
        payload text not null,
        catch_up json not null,
        lateness json,
        if_running text not null,
        retry json not null,
        labels jsonb not null,
        user_id uuid,
        status text not null,
        revision integer not null,
        history json not null,
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null
      )`);
    this.addSql(`create index schedules_list on schedules (tenant, id)`);
    this.addSql(`create unique index schedules_key on schedules (tenant, key) where status <> 'deleted'`);
    this.addSql(`create index schedules_destination on schedules (uses_destination)`);

    this.addSql(`
      create table users (
        id uuid primary key,
        tenant text not null,
        first_name text not null,
        last_name text not null,
        date_of_birth date not null,
        timezone text not null,
        schedule_id uuid not null,
        revision integer not null,
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null
      )`);
    this.addSql(`create index users_list on users (tenant, id)`);

    this.addSql(`
      create table events (${FACTS},
        leads boolean not null,
        wake_at timestamptz(3),
        -- while an attempt is under way: the end of its lease, and then \`wake_at\` only says that it is no earlier
        held_until timestamptz(3),
        begun_at timestamptz(3),
        primary key (id)
      ) with (
        fillfactor = 60,
        autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
        autovacuum_analyze_scale_factor = 0.05
      )`);
    this.addSql(`create index events_wake on events (wake_at)`);
    this.addSql(`create index events_schedule on events (schedule_id)`);
    this.addSql(`create unique index events_leader on events (schedule_id) where leads`);
    // A claim leaves this one for good: it costs nothing while an event is being processed. Those that are, are few.
    this.addSql(`create index events_list on events (tenant, due_at, id) where state = 'PENDING'`);
    this.addSql(`create index events_processing on events (id) where state = 'PROCESSING'`);

    this.addSql(`
      create table event_history (${FACTS},
        reason text,
        finished_at timestamptz(3) not null,
        primary key (id, finished_at)
      ) partition by range (finished_at)`);
    this.addSql(`create index event_history_schedule on event_history (schedule_id, ordinal)`);
    this.addSql(`create index event_history_list on event_history (tenant, due_at, id)`);
    this.addSql(`create table event_history_default partition of event_history default`);

    this.addSql(`
      create table attempts (
        event_id uuid not null,
        tenant text not null,
        number integer not null,
        started_at timestamptz(3) not null,
        duration_ms double precision not null,
        status integer,
        error text,
        response_excerpt text,
        recorded_at timestamptz(3) not null
      ) partition by range (recorded_at)`);
    this.addSql(`create index attempts_event on attempts (event_id)`);
    this.addSql(`create table attempts_default partition of attempts default`);

    this.addSql(`
      create table idempotency_keys (
        tenant text not null,
        key text not null,
        -- of the request: the same key with another request is refused
        fingerprint text not null,
        -- null while the first request is under way
        status integer,
        response text,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        primary key (tenant, key)
      )`);
    this.addSql(`create index idempotency_keys_expiry on idempotency_keys (expires_at)`);

    this.addSql(`
      create table audit_log (
        id bigint generated always as identity primary key,
        tenant text not null,
        subject text not null,
        action text not null,
        actor text not null,
        note text,
        at timestamptz(3) not null
      )`);
    this.addSql(`create index audit_log_subject on audit_log (tenant, subject, id)`);
  }

  override down(): void {
    const tables = [
      ...["audit_log", "idempotency_keys", "attempts", "event_history", "events"],
      ...["users", "schedules", "destinations", "schema_version"],
    ];
    this.addSql(`drop table ${tables.join(", ")}`);
  }
}
