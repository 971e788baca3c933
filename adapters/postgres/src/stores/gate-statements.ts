/**
 * What the gate says to the database. Two rules keep workers from waiting for each other in a circle:
 *   1. rows of gates are locked in the order of ids, and the leases of a gate touched under its lock only;
 *   2. who makes rows holds no lock on others.
 */

/** The database's clock at this moment instead of at the transaction's begin: locks may have been long in coming. */
const NOW_AFTER_ALL = "date_trunc('milliseconds', now() + (clock_timestamp() - pg_catalog.now()))";

export const LOOK = "select id, breaker from destination_gates where id = any($1::text[])";

/** The time is read outside of what locks: inside it would be read before. */
export const LOCK = `
  select g.*, ${NOW_AFTER_ALL} as now
  from (select id, breaker, rate, places from destination_gates where id = any($1::text[]) order by id for update) g`;

export const MAKE = `
  insert into destination_gates (id) select id from unnest($1::text[]) as m (id) order by id on conflict do nothing`;

/** How many requests are under way; what its worker never reported on is forgotten. $2: the time. */
export const UNDER_WAY = `
  with forgotten as (delete from gate_leases where gate = any($1::text[]) and ends_at <= $2)
  select gate, count(*) as count from gate_leases where gate = any($1::text[]) and ends_at > $2 group by gate`;

/** Answers those that were under way. $1: gates; $2: events. */
export const END = `
  delete from gate_leases l using unnest($1::text[], $2::text[]) as e (gate, event_id)
  where l.gate = e.gate and l.event_id = e.event_id
  returning l.gate, l.event_id as "eventId"`;

/** $1 to $4: gates, and what they keep; $5 to $7: gates, events, ends of the leases of what was admitted. */
export const KEEP = `
  with leases as (
    insert into gate_leases (gate, event_id, ends_at) select * from unnest($5::text[], $6::text[], $7::timestamptz[])
    on conflict (gate, event_id) do update set ends_at = excluded.ends_at)
  update destination_gates g set breaker = k.breaker, rate = k.rate, places = k.places
  from unnest($1::text[], $2::json[], $3::json[], $4::json[]) as k (id, breaker, rate, places)
  where g.id = k.id`;
