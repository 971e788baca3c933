/**
 * What schedulers and workers say to the database. Four numbered rules:
 *   1. the database's clock decides (I8), in whole milliseconds;
 *   2. rows are locked before they are written: a claim passes over those that others hold, everything else takes them in
 *      the order of ids, so that no two wait for each other;
 *   3. what must be seen afresh is read by a statement behind the one that locks;
 *   4. only the current fence of an event that is being processed changes it (I3).
 */
import { NOW } from "../transaction.js";
import { ENDINGS } from "./ending-fields.js";
import { FACTS, HISTORY, liveRow } from "./event-row.js";

/** Whether no attempt is under way, or its lease has ended. */
const NOT_HELD = `(held_until is null or held_until <= ${NOW})`;

/** Whether a row waits for its own due time: neither a lease nor the pause before a retry may be cut short. */
const WAITS_FOR_DUE = "state = 'PENDING' and wake_at = due_at";

const inMs = (parameter: string) => `${parameter} * interval '1 millisecond'`;

/**
 * $1: how many at most; $2: how far ahead, in milliseconds, or null for what is due itself: one may be asked again earlier. A
 * plain LIMIT: no join can make it claim more.
 */
const lockDue = (order: "asc" | "desc") => `
  select id, tenant, schedule_id, type, tzdata, origin, key, ordinal, due_at, pinned, leads,
    coalesce(held_until, wake_at) as wake_at, attempt, redrives, fence, begun_at, ctid::text as place
  from events
  where wake_at <= ${NOW} + ${inMs("coalesce($2::double precision, 0)")} and (wake_at <= ${NOW} or (${WAITS_FOR_DUE}))
    and ($2 is not null or due_at <= ${NOW}) and ${NOT_HELD}
  order by events.wake_at ${order}
  limit $1
  for update skip locked`;

export const LOCK_DUE = lockDue("asc");
export const LOCK_LATEST = lockDue("desc");

export const PLANNED_SCHEDULES = `
  select id, tenant, type, destination_id, on_success, on_failure, timing, status, catch_up, lateness, if_running, retry
  from schedules where id = any($1::uuid[])`;

/** One claimer at a time decides about a schedule whose events may not run side by side; others leave them to it. */
export const LOCK_SCHEDULES = `
  select id from schedules where id = any($1::uuid[]) order by id for no key update skip locked`;

export const RUNNING = `
  select id, schedule_id from events where schedule_id = any($1::uuid[]) and (attempt > 0 or state = 'PROCESSING')
    and origin <> 'callback'`;

/** An attempt of which nothing was heard goes on record. $1: places. */
export const RECORD_UNKNOWN = `
  insert into attempts (event_id, tenant, number, started_at, duration_ms, error, recorded_at)
  select id, tenant, attempts_made + 1, begun_at, extract(epoch from ${NOW} - begun_at) * 1000, 'unknown', ${NOW}
  from events where ctid = any($1::tid[]) and begun_at is not null`;

const UNKNOWN_MADE = "attempts_made + (begun_at is not null)::integer";

/** $1: places; $2: the lease in milliseconds. */
export const TAKE = `
  update events set state = 'PROCESSING', leads = false, wake_at = greatest(${NOW}, due_at) + ${inMs("$2")},
    fence = fence + 1, unheard = unheard + 1, attempts_made = ${UNKNOWN_MADE}, begun_at = null, held_until = null
  where ctid = any($1::tid[])`;

/** $1: places; $2: ids; $3: when to ask again, null while its schedule is paused. */
export const POSTPONE = `
  update events e set state = 'PENDING', wake_at = a.wake_at, held_until = null,
    attempts_made = ${UNKNOWN_MADE}, begun_at = null
  from unnest($2::uuid[], $3::timestamptz[]) as a (id, wake_at)
  where e.ctid = any($1::tid[]) and a.id = e.id`;

const history = (values: Partial<Record<(typeof HISTORY)[number], string>>, alias: string) =>
  HISTORY.map((column) => values[column] ?? `${alias}.${column}`).join(", ");

/** $1: places; $2: ids; $3: states; $4: reasons. */
export const END = `
  with ended as (delete from events where ctid = any($1::tid[]) returning *)
  insert into event_history (${HISTORY.join(", ")})
  select ${history({ state: "a.state", attempts_made: UNKNOWN_MADE, reason: "a.reason", finished_at: NOW }, "e")}
  from ended e join unnest($2::uuid[], $3::text[], $4::text[]) as a (id, state, reason) on a.id = e.id`;

/**
 * The events whose claims are held, each looked up and locked by itself, in the order of ids. As a plain join it would be
 * the planner's to choose how; by statistics from a time when nothing was being processed it reads the whole table.
 */
const heldOf = (columns: string, also: string) => `
  held as materialized (
    select ${columns} from (select * from asked order by id) a
    cross join lateral (select * from events where id = a.id for update) e
    where e.tenant = a.tenant and e.fence = a.fence and e.state = 'PROCESSING' and ${also})`;

/** $1 to $3: ids, tenants, fences. */
const held = (columns: string, also = "true") => `
  asked as materialized (select * from unnest($1::uuid[], $2::text[], $3::bigint[]) as a (id, tenant, fence)),
  ${heldOf(columns, also)}`;

/** Holds an event for so many milliseconds. The index is written to only where it would tell too late. */
const hold = (ms: string) => `held_until = ${NOW} + ${inMs(ms)}, wake_at = least(e.wake_at, ${NOW} + ${inMs(ms)})`;

const NOT_BEGUN = "e.begun_at is null";

/** Which of the claims are held and may begin, locked. Their schedules are read by the next statement. */
export const LOCK_HELD = `
  with ${held("e.id, e.tenant, e.fence, e.due_at", NOT_BEGUN)}
  select id, tenant, fence, due_at from held`;

/** What a begin fixes for good, and what it reads afresh each time. */
const BEGUN = `
    type = case when e.payload is null then s.type else e.type end,
    payload = coalesce(e.payload, s.payload),
    subject = case
      when e.payload is not null then e.subject
      when u.id is not null then json_build_object('userId', u.id, 'firstName', u.first_name, 'lastName', u.last_name,
        'dateOfBirth', u.date_of_birth, 'timezone', u.timezone)
    end,
    destination_id = case when e.origin = 'callback' then e.destination_id else s.destination_id end, unheard = 0, begun_at = ${NOW}, attempt = e.attempt + 1,
    first_attempt_at = coalesce(e.first_attempt_at, ${NOW})`;

const WITH_SCHEDULE = "from schedules s left join users u on u.id = s.user_id where s.id = e.schedule_id";
const BEGUN_ROW = `${liveRow("e")}, s.status, s.revision, s.lateness, s.retry, s.on_success, s.on_failure`;

/** $1: ids of locked events; $2: the lease in milliseconds. */
export const BEGIN = `
  update events e set ${BEGUN}, ${hold("$2")}
  ${WITH_SCHEDULE} and e.id = any($1::uuid[])
  returning ${BEGUN_ROW}`;

/** A claim and a begin at once. $1: places; $2: the lease in milliseconds. */
export const TAKE_AND_BEGIN = `
  update events e set ${BEGUN}, state = 'PROCESSING', leads = false, wake_at = ${NOW} + ${inMs("$2")}, held_until = null,
    fence = e.fence + 1, attempts_made = ${UNKNOWN_MADE}
  ${WITH_SCHEDULE} and e.ctid = any($1::tid[])
  returning ${BEGUN_ROW}`;

/** What an ending makes of an event: an attempt that had begun and was not made does not count. */
const AFTER: Partial<Record<(typeof FACTS)[number], string>> = {
  state: "h.state",
  attempt: "e.attempt - h.unmade::integer",
  attempts_made: "e.attempts_made + (h.number is not null)::integer",
  first_attempt_at: "case when not h.untried then e.first_attempt_at end",
  payload: "case when not h.untried or e.origin = 'callback' then e.payload end",
  subject: "case when not h.untried then e.subject end",
  lateness_ms: "case when not h.untried then coalesce(e.lateness_ms, h.lateness_ms) end",
};

/** Answers the claims that were held. */
export const FINISH = `
  with asked as materialized (
    select * from ${ENDINGS}),
  ${heldOf(
    `a.*, (a.number is null and e.begun_at is not null) as unmade,
      (a.number is null and e.begun_at is not null and e.attempt = 1) as untried`,
    "true",
  )},
  tried as (
    insert into attempts
      (event_id, tenant, number, started_at, duration_ms, status, error, response_excerpt, detail, timings, recorded_at)
    select id, tenant, number, started_at, duration_ms, status, error, response_excerpt, detail, timings, ${NOW}
    from held where number is not null),
  ended as (
    delete from events e using held h where e.id = h.id and h.state not in ('PENDING', 'PROCESSING')
    returning ${FACTS.map((column) => AFTER[column] ?? `e.${column}`).join(", ")}, h.reason, ${NOW}),
  kept as (insert into event_history (${HISTORY.join(", ")}) select * from ended),
  again as (
    update events e set ${Object.entries(AFTER)
      .map(([column, value]) => `${column} = ${value}`)
      .join(", ")},
      wake_at = ${NOW} + coalesce(h.in_ms, 0) * interval '1 millisecond', held_until = null, begun_at = null,
      fence = e.fence + (h.state = 'PROCESSING')::integer
    from held h where e.id = h.id and h.state in ('PENDING', 'PROCESSING'))
  select id, tenant, fence from held`;

/**
 * Those of the schedules that are paused, locked and written to: whoever resumes one meanwhile is run again, and sees what
 * is parked now (E7). One that is just being changed is passed over; to wait for it could be to wait for each other.
 */
export const MEET_RESUME = `
  with paused as materialized (
    select id from schedules where id = any($1::uuid[]) and status = 'paused' order by id for no key update skip locked)
  update schedules s set revision = s.revision from paused p where s.id = p.id
  returning s.id`;

export const SCHEDULES_OF = "select distinct schedule_id as id from events where id = any($1::uuid[])";

/** $1: ids of locked events; $2: those of the schedules that were met. */
export const PARK = `
  update events set wake_at = null where id = any($1::uuid[]) and schedule_id = any($2::uuid[])`;

const GIVEN_BACK = `state = 'PENDING', held_until = null,
  wake_at = case when e.attempt = 0 and e.due_at > ${NOW} then e.due_at else ${NOW} end`;

export const RELEASE = `
  with ${held("e.id", NOT_BEGUN)}
  update events e set ${GIVEN_BACK} from held h where e.id = h.id`;

/** $4: how many claims running nobody may have begun before it is hopeless. Answers those that were. */
export const GIVE_UP = `
  with ${held("e.id, e.unheard >= $4 as hopeless", NOT_BEGUN)},
  ended as (delete from events e using held h where e.id = h.id and h.hopeless returning e.*),
  kept as (
    insert into event_history (${HISTORY.join(", ")})
    select ${history({ state: "'FAILED'", reason: "'undeliverable'", finished_at: NOW }, "e")} from ended e),
  again as (update events e set ${GIVEN_BACK} from held h where e.id = h.id and not h.hopeless)
  select ${liveRow("e")}, s.on_success, s.on_failure from ended e join schedules s on s.id = e.schedule_id`;

/** $4: the lease in milliseconds. */
export const EXTEND = `
  with ${held("e.id")}
  update events e set ${hold("$4")} from held h where e.id = h.id
  returning e.id, e.tenant, e.fence`;

/** What is held wakes later than its `wake_at`; but for those few rows the first of the index is the answer. */
export const NEXT_WAKE = `
  with free as (
    select wake_at, ${WAITS_FOR_DUE} as ahead from events
    where wake_at is not null and held_until is null order by wake_at limit 1),
  held as (
    select min(held_until) as wake_at from events
    where held_until is not null and wake_at <= coalesce((select wake_at from free), 'infinity'))
  select * from (select * from free union all select wake_at, false from held) w
  where wake_at is not null order by wake_at limit 1`;

/**
 * What is due is counted up to a hundred thousand, and beyond so many open ones the planner's own estimate is told: to
 * count millions takes seconds. Of other users' transactions one sees only with the role `pg_read_all_stats`.
 */
export const BACKLOG = `
  select
    coalesce((select (extract(epoch from ${NOW} - greatest(due_at, coalesce(held_until, wake_at))) * 1000)::double precision
      from events where wake_at <= ${NOW} and ${NOT_HELD} order by wake_at limit 1), 0) as oldest_due_age_ms,
    (select count(*) from (select from events where wake_at <= ${NOW} and ${NOT_HELD} limit 100000) as d) as due,
    (select case when c.reltuples > 100000 then c.reltuples::bigint
      else (select count(*) from (select from events limit 100000) as o) end
      from pg_class c where c.oid = 'events'::regclass) as open,
    coalesce((extract(epoch from clock_timestamp() - (
      select min(since) from (
        select min(xact_start) from pg_stat_activity
        where (backend_xid is not null or backend_xmin is not null) and pid <> pg_backend_pid()
          and datname = current_database() and backend_type = 'client backend'
        union all select min(prepared) from pg_prepared_xacts where database = current_database()
      ) as held (since))) * 1000)::double precision, 0) as oldest_snapshot_ms`;
