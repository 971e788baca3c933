import type pg from "pg";
import type { PostgresConfig } from "./config.js";
import { translated } from "./errors.js";
import { makePool } from "./pool.js";

/** The tables that are cut by month, by what, and how many months longer than events their rows are kept. */
const PARTITIONED = [
  { table: "event_history", by: "finished_at", longer: 0 },
  // An attempt may be a month older than the end of its event.
  { table: "attempts", by: "recorded_at", longer: 1 },
] as const;

export interface PartitionOptions {
  /** How many months ahead are made: so long may nobody come by. */
  readonly monthsAhead: number;
  /** How many whole months of finished events are kept; null keeps all. */
  readonly monthsKept: number | null;
}

export const PARTITION_DEFAULTS: PartitionOptions = { monthsAhead: 3, monthsKept: 13 };

export interface PartitionReport {
  readonly created: readonly string[];
  readonly dropped: readonly string[];
}

/**
 * Makes the partitions of the months to come and drops those that are too old. `maintain` runs it every six hours; of two
 * that run at once the second finds nothing to do. Rows that came before their partition was made lie in the default one
 * and are moved.
 *
 * Each step is a transaction of its own and gives up when it cannot have its lock within seconds: making a partition locks
 * the default one, which is empty unless this was not run for months; dropping one locks its table, for an instant.
 */
export async function keepPartitions(
  config: PostgresConfig,
  { monthsAhead, monthsKept }: PartitionOptions = PARTITION_DEFAULTS,
): Promise<PartitionReport> {
  // To move what lies in the default partition may take longer than any other statement is given.
  const pool = makePool({ ...config, poolSize: 1, statementTimeoutMs: AN_HOUR });
  try {
    return await keep(pool, monthsAhead, monthsKept);
  } catch (error) {
    throw translated(error);
  } finally {
    await pool.end();
  }
}

const AN_HOUR = 3_600_000;

async function keep(pool: pg.Pool, monthsAhead: number, monthsKept: number | null): Promise<PartitionReport> {
  const created: string[] = [];
  const dropped: string[] = [];
  for (const { table, by, longer } of PARTITIONED) {
    const now = await thisMonth(pool);
    for (const month of monthsFrom(now, monthsAhead)) {
      if (await alone(pool, async (client) => create(client, table, by, month))) created.push(nameOf(table, month));
    }
    if (monthsKept === null) continue;
    const oldest = nameOf(table, now - monthsKept - longer);
    for (const name of (await partitionsOf(pool, table)).filter((one) => one < oldest)) {
      await alone(pool, async (client) => client.query(`drop table if exists ${name}`));
      dropped.push(name);
    }
  }
  return { created, dropped };
}

/** Months, counted from the year 0. */
type Month = number;

async function thisMonth(pool: pg.Pool): Promise<Month> {
  const text = "select date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' as month";
  const { rows } = await pool.query<{ month: Date }>(text);
  const start = rows[0]?.month ?? new Date(Number.NaN);
  return start.getUTCFullYear() * 12 + start.getUTCMonth();
}

function monthsFrom(first: Month, ahead: number): Month[] {
  return Array.from({ length: ahead + 1 }, (_, index) => first + index);
}

/** `2026_11`: names in this form sort by time. */
function nameOf(table: string, month: Month): string {
  return `${table}_${startOf(month).slice(0, 7).replace("-", "_")}`;
}

function startOf(month: Month): string {
  return new Date(Date.UTC(Math.floor(month / 12), month % 12)).toISOString();
}

interface Queryable {
  query<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<R>>;
}

/** The partitions for a month, not the default one. */
async function partitionsOf(client: Queryable, table: string): Promise<string[]> {
  const text = `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = $1::regclass and c.relname ~ '_[0-9]{4}_[0-9]{2}$' order by 1`;
  const { rows } = await client.query<{ name: string }>(text, [table]);
  return rows.map(({ name }) => name);
}

/** False if it was there. */
async function create(client: pg.ClientBase, table: string, by: string, month: Month): Promise<boolean> {
  const name = nameOf(table, month);
  if ((await partitionsOf(client, table)).includes(name)) return false;
  const [from, to] = [startOf(month), startOf(month + 1)];
  await client.query(`create table if not exists ${name} (like ${table} including defaults including constraints)`);
  // Nothing may come in between the move and the moment from which the new partition takes it.
  await client.query(`lock table ${table}_default in access exclusive mode`);
  await client.query(
    `with moved as (delete from ${table}_default where ${by} >= '${from}' and ${by} < '${to}' returning *)
      insert into ${name} select * from moved`,
  );
  await client.query(`alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`);
  return true;
}

/** Runs `work` in a transaction that no other of its kind runs beside. */
async function alone<T>(pool: pg.Pool, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let done = false;
  try {
    await client.query(`begin; set local statement_timeout = ${AN_HOUR}; set local lock_timeout = 3000`);
    await client.query("select pg_advisory_xact_lock($1)", [ADVISORY_LOCK]);
    const result = await work(client);
    await client.query("commit");
    done = true;
    return result;
  } finally {
    client.release(!done); // with its connection a transaction that failed is over, whatever became of the answer
  }
}

/** Any number that nobody else uses in this database. */
const ADVISORY_LOCK = 7_700_002;
