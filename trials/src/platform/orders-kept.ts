import pg from "pg";

/** What is on record of a schedule that callers made, and of an event of it; null where there is none. */
export interface OrderKept {
  readonly key: string;
  readonly eventId: string | null;
  readonly state: string | null;
  readonly latenessMs: number | null;
  /** In epoch milliseconds: when it was first noted that the receiver has taken it. */
  readonly takenAt: number | null;
}

const KEPT = `
  select s.key, e.id as "eventId", e.state, e.lateness_ms as "latenessMs",
    (select (extract(epoch from min(a.recorded_at)) * 1000)::float8 from attempts a
      where a.event_id = e.id and a.status between 200 and 299) as "takenAt"
  from schedules s left join (
    select id, schedule_id, state, lateness_ms from event_history
    union all select id, schedule_id, state, null from events
  ) e on e.schedule_id = s.id
  where s.key is not null`;

/** One row for each event, and one for each schedule without any. */
export async function ordersKept(url: string): Promise<readonly OrderKept[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<OrderKept>(KEPT)).rows;
  } finally {
    await client.end();
  }
}
