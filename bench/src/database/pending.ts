import type { Ours } from "./ours.js";
import { TENANT, TYPE } from "./series.js";

/** Schedules that exist: what is due belongs to these. Of the others nothing is ever read. */
const SCHEDULES = 1_000;

const COLUMNS = [
  ...["id", "tenant", "schedule_id", "type", "destination_id", "origin", "key", "ordinal", "local_date_time"],
  ...["time_zone", "utc_offset", "fold", "wall", "due_at", "tzdata", "state", "created_at", "leads", "wake_at"],
].join(", ");

/** `from` gives `schedule_id`, `due` and `leads`. */
const event = (from: string) => `
  insert into events (${COLUMNS})
  select gen_random_uuid(), '${TENANT}', schedule_id, '${TYPE}', $1::uuid, origin,
    to_char(due, 'YYYY-MM-DD"T"HH24:MI:SS') || '/0', 1, to_char(due, 'YYYY-MM-DD"T"HH24:MI:SS'), 'UTC', '+00:00', 0,
    due, due, '2026a', 'PENDING', now(), leads, due
  from (${from}) as made`;

/** Many events made by SQL, all they need and no more. */
export class Pending {
  readonly #ours: Ours;
  #schedules: readonly string[] = [];

  private constructor(ours: Ours) {
    this.#ours = ours;
  }

  static async open(ours: Ours): Promise<Pending> {
    const pending = new Pending(ours);
    pending.#schedules = (await ours.schedules(SCHEDULES, 0, Date.now())).map(({ scheduleId }) => scheduleId);
    return pending;
  }

  /** Each of a schedule of its own, due some time in the year that begins tomorrow. Indexes are made anew behind them. */
  async fill(count: number): Promise<void> {
    const { pool, destinationId } = this.#ours;
    const { rows } = await pool.query<{ name: string; definition: string }>(
      `select i.relname as name, pg_get_indexdef(i.oid) as definition from pg_index x join pg_class i on i.oid = x.indexrelid
       where x.indrelid = 'events'::regclass and not x.indisprimary`,
    );
    for (const { name } of rows) await pool.query(`drop index ${name}`);
    await pool.query("alter table events drop constraint events_pkey");
    await pool.query(
      event(`select gen_random_uuid() as schedule_id, 'rule' as origin, true as leads,
        date_trunc('milliseconds', now() + interval '1 day' + random() * interval '365 days') as due
        from generate_series(1, ${count})`),
      [destinationId],
    );
    await pool.query("alter table events add primary key (id)");
    for (const { definition } of rows) await pool.query(definition);
    await pool.query("vacuum analyze events");
    await pool.query("checkpoint");
  }

  /** So many that fell due within the last minute, asked for by hand, so that each may be of any schedule. */
  async due(count: number): Promise<void> {
    await this.#ours.pool.query(
      event(`select ($2::uuid[])[1 + n % ${this.#schedules.length}] as schedule_id, 'manual' as origin, false as leads,
        date_trunc('milliseconds', now() - random() * interval '1 minute') as due from generate_series(1, ${count}) n`),
      [this.#ours.destinationId, this.#schedules],
    );
  }
}
