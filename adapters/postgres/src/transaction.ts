import type pg from "pg";
import type { PostgresConfig } from "./config.js";
import { isBroken } from "./errors.js";

export type Timeouts = Pick<PostgresConfig, "statementTimeoutMs" | "lockTimeoutMs" | "idleInTransactionTimeoutMs">;

/** The database's clock as everything here reads it: a date has no microseconds. */
export const NOW = "date_trunc('milliseconds', now())";

/** Every statement looks up a few rows by key: an index is cheap for that, and compiling the plan is not. */
export const PLANNER = "set local random_page_cost = 1.1; set local jit = off";

/** Begins a transaction, sets its limits for itself alone, so that no session is left changed, and asks what time it is. */
export function beginning(isolation: "read committed" | "repeatable read", timeouts: Timeouts): string {
  const { statementTimeoutMs, lockTimeoutMs, idleInTransactionTimeoutMs } = timeouts;
  return [
    `begin isolation level ${isolation}`,
    "set local datestyle = iso",
    `set local statement_timeout = ${statementTimeoutMs}`,
    `set local lock_timeout = ${lockTimeoutMs}`,
    `set local idle_in_transaction_session_timeout = ${idleInTransactionTimeoutMs}`,
    PLANNER,
    `select ${NOW} as now`,
  ].join("; ");
}

export interface Steps<T> {
  /** What `beginning` gives. */
  readonly begin: string;
  readonly work: (client: pg.PoolClient, now: Date) => Promise<T>;
  /** What is still to be said in the round of the commit, asked when the work is done. */
  readonly last?: () => string;
  /** Told just before the commit: what fails from here on may yet have been done. */
  readonly onCommit: () => void;
}

/** One transaction on a connection of its own: begun in one round, and committed in one. */
export async function inTransaction<T>(pool: pg.Pool, { begin, work, last, onCommit }: Steps<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    const opened = (await client.query(begin)) as unknown as pg.QueryResult<{ now: Date }>[];
    const now = opened.at(-1)?.rows[0]?.now;
    if (now === undefined) throw new Error("The database did not tell its time");
    const result = await work(client, now);
    const commit = `${last?.() ?? ""}commit`;
    onCommit();
    const ended = [(await client.query(commit)) as pg.QueryResult | pg.QueryResult[]].flat();
    // To commit what has failed is to roll it back, and no error: an error that was passed over must not look like success.
    if (ended.at(-1)?.command !== "COMMIT") throw new Error("The transaction had failed, and was rolled back");
    return result;
  } catch (error) {
    broken = isBroken(error) || !(await rolledBack(client));
    throw error;
  } finally {
    client.release(broken);
  }
}

async function rolledBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query("rollback");
    return true;
  } catch {
    return false;
  }
}
