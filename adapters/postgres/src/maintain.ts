import type { Clock, Telemetry } from "@punctual/core";
import type pg from "pg";
import type { PostgresConfig } from "./config.js";
import { translated } from "./errors.js";
import { keepPartitions, PARTITION_DEFAULTS, type PartitionOptions } from "./partitions.js";
import { makePool } from "./pool.js";

export interface MaintenanceDeps {
  readonly config: PostgresConfig;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly partitions?: PartitionOptions;
}

const TIDY_MS = 1_000;
const PARTITIONS_MS = 6 * 3_600_000;
const AN_HOUR = 3_600_000;

/**
 * Looks after the database until aborted. What a claim leaves behind in the index of wake times is never used again until a
 * vacuum comes, and the server's own looks round once a minute only, if its settings are as they come: by then a busy index
 * is ten times its size. Run by several processes at once, each finds less to do.
 */
export async function maintain({ config, clock, telemetry, partitions }: MaintenanceDeps, signal: AbortSignal) {
  const pool = makePool({ ...config, poolSize: 1, statementTimeoutMs: AN_HOUR });
  let partitioned = -Infinity;
  try {
    while (!signal.aborted) {
      try {
        if (clock.monotonic() - partitioned >= PARTITIONS_MS) {
          partitioned = clock.monotonic();
          await keepPartitions(config, partitions ?? PARTITION_DEFAULTS);
        }
        await tidy(pool);
      } catch (error) {
        telemetry.note({ kind: "trouble", where: "maintenance", error: translated(error) });
      }
      await clock.sleep(TIDY_MS, signal);
    }
  } finally {
    await pool.end();
  }
}

/** Vacuums the open events if there is enough to remove; true if it did. */
export async function tidy(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ untidy: boolean }>(UNTIDY);
  if (rows[0]?.untidy !== true) return false;
  await pool.query("vacuum (skip_locked, index_cleanup on, truncate off) events");
  return true;
}

const UNTIDY = `
  select pg_stat_get_dead_tuples(oid) > greatest(5000, 0.02 * reltuples) as untidy
  from pg_class where oid = 'events'::regclass`;
