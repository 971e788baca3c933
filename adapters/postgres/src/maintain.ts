import type { Clock, Telemetry } from "@punctual/core";
import type pg from "pg";
import type { PostgresConfig } from "./config.js";
import { translated } from "./errors.js";
import { NOW } from "./transaction.js";
import { keepPartitions, PARTITION_DEFAULTS, type PartitionOptions } from "./partitions.js";
import { makePool } from "./pool.js";

export interface MaintenanceDeps {
  readonly config: PostgresConfig;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly partitions?: PartitionOptions;
}

const TIDY_MS = 1_000;
const EXPIRED_MS = 60_000;
const PARTITIONS_MS = 6 * 3_600_000;
const AN_HOUR = 3_600_000;

/**
 * Looks after the database until aborted. What a claim leaves behind in the index of wake times is never used again until a
 * vacuum comes, and the server's own looks round once a minute only, if its settings are as they come: by then a busy index
 * is ten times its size. Kept replies that have expired are removed once a minute. Run by several processes at once, each
 * finds less to do.
 */
export async function maintain(deps: MaintenanceDeps, signal: AbortSignal): Promise<void> {
  const pool = makePool({ ...deps.config, poolSize: 1, statementTimeoutMs: AN_HOUR });
  const rounds = new MaintenanceRounds(deps, pool);
  try {
    while (!signal.aborted) {
      await rounds.run(signal, async () => void (await tidy(pool)));
      await deps.clock.sleep(TIDY_MS, signal);
    }
  } finally {
    await pool.end();
  }
}

/** What has to be done from time to time, by whoever comes by. */
export class MaintenanceRounds {
  readonly #deps: MaintenanceDeps;
  readonly #pool: pg.Pool;
  #partitioned = -Infinity;
  #removed = -Infinity;

  constructor(deps: MaintenanceDeps, pool: pg.Pool) {
    this.#deps = deps;
    this.#pool = pool;
  }

  /** Does what it is time for, and `besides`. What fails is told, and done the next time. */
  async run(signal: AbortSignal, besides = async (): Promise<void> => undefined): Promise<void> {
    const { config, clock, telemetry, partitions = PARTITION_DEFAULTS } = this.#deps;
    try {
      if (clock.monotonic() - this.#partitioned >= PARTITIONS_MS) {
        this.#partitioned = clock.monotonic();
        await keepPartitions(config, partitions);
      }
      await besides();
      if (clock.monotonic() - this.#removed >= EXPIRED_MS) {
        this.#removed = clock.monotonic();
        await removeAllExpired(this.#pool, signal);
      }
    } catch (error) {
      telemetry.note({ kind: "trouble", where: "maintenance", error: translated(error) });
    }
  }
}

/** Vacuums the open events if there is enough to remove; true if it did. */
export async function tidy(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ untidy: boolean }>(UNTIDY);
  if (rows[0]?.untidy !== true) return false;
  await pool.query("vacuum (skip_locked, index_cleanup on, truncate off) events");
  return true;
}

/** So few that nobody waits for them, and that a replica keeps up. */
const REMOVED_AT_ONCE = 1_000;

async function removeAllExpired(pool: pg.Pool, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await removeExpired(pool)) === REMOVED_AT_ONCE);
}

/** Removes the replies that expired first, and answers how many; one that is just being added anew is left alone. */
export async function removeExpired(pool: pg.Pool, limit = REMOVED_AT_ONCE): Promise<number> {
  return (await pool.query(EXPIRED, [limit])).rowCount ?? 0;
}

export const EXPIRED = `
  delete from idempotency_keys where ctid = any(array(
    select ctid from idempotency_keys where expires_at <= ${NOW} order by expires_at limit $1 for update skip locked))`;

const UNTIDY = `
  select pg_stat_get_dead_tuples(oid) > greatest(5000, 0.02 * reltuples) as untidy
  from pg_class where oid = 'events'::regclass`;
