import type { GateRequest, GateResult } from "@punctual/core";
import type pg from "pg";
import { POSTGRES_DEFAULTS } from "../../src/config.js";
import { HotPath } from "../../src/hot-path.js";
import { makePool } from "../../src/pool.js";
import { PostgresDestinationGate } from "../../src/stores/destination-gate.js";
import { realClock } from "../support/clock.js";
import { afterwards, migratedDatabase, openAdmin, until } from "../support/stores.js";

interface GateOptions {
  readonly poolSize?: number;
  readonly deadlockTimeout?: string;
}

/** The gates of so many workers, on a database of their own; and what statements they make, but for begin and commit. */
export async function openGates(workers: number, { poolSize = 8, deadlockTimeout = "1s" }: GateOptions = {}) {
  const database = await migratedDatabase();
  const admin = openAdmin(database.url);
  await admin.query(`alter database ${database.name} set deadlock_timeout = '${deadlockTimeout}'`);
  const config = { ...POSTGRES_DEFAULTS, url: database.url, poolSize };
  const pool = makePool(config);
  afterwards(async () => (pool.ending ? undefined : Promise.race([pool.end(), realClock.sleep(500)])));
  const statements = heard(pool);
  const gates = Array.from({ length: workers }, () => new PostgresDestinationGate(new HotPath(pool, config)));
  /** A session tells what it counted at its end. */
  const deadlocks = async () => {
    await pool.end();
    await until("all sessions have ended", async () => (await admin.query(SESSIONS)).rowCount === 0);
    const { rows } = await admin.query<{ deadlocks: number }>(DEADLOCKS);
    return rows[0]?.deadlocks;
  };
  return { gates, pool, admin, statements, deadlocks };
}

const SESSIONS = `
  select from pg_stat_activity where datname = current_database() and application_name = 'punctual'`;
const DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()";

export function requestOf(of: Partial<GateRequest>, n: number): GateRequest {
  return { destinationId: "d1", eventId: `e${n}`, ratePerSecond: null, concurrency: null, leaseMs: 600_000, ...of };
}

export function reportOf({ destinationId, eventId }: GateRequest, outcome: GateResult["outcome"]): GateResult {
  return { destinationId, eventId, outcome, durationMs: 10 };
}

/** Every transaction counts, too: "begin" stands in the list for each. */
function heard(pool: pg.Pool): string[] {
  const statements: string[] = [];
  pool.on("connect", (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      const text = String(args[0]).trim();
      if (text !== "commit") statements.push(text.startsWith("begin") ? "begin" : text);
      return query(...args);
    }) as typeof client.query;
  });
  return statements;
}
