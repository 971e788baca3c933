import type pg from "pg";
import type { PostgresConfig } from "./config.js";
import { isBroken, isCollision, isSevered, translated } from "./errors.js";

export type Timeouts = Pick<PostgresConfig, "statementTimeoutMs" | "lockTimeoutMs" | "idleInTransactionTimeoutMs">;

/** One transaction of the hot path. */
export interface HotTransaction {
  /** The database's clock, in whole milliseconds, rounded down. */
  readonly now: Date;
  readonly query: <R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<R[]>;
}

const MOST_TRIES = 5;

/**
 * Runs the transactions of the hot path: READ COMMITTED, so that each statement sees what was committed before it, with
 * its limits set for itself alone, so that no session is left changed.
 */
export class HotPath {
  readonly #pool: pg.Pool;
  readonly #begin: string;

  constructor(pool: pg.Pool, { statementTimeoutMs, lockTimeoutMs, idleInTransactionTimeoutMs }: Timeouts) {
    this.#pool = pool;
    this.#begin =
      `begin isolation level read committed; set local datestyle = iso; set local statement_timeout = ${statementTimeoutMs}; set local lock_timeout = ${lockTimeoutMs}; ` +
      `set local idle_in_transaction_session_timeout = ${idleInTransactionTimeoutMs}; ${PLANNER}; ` +
      `select ${NOW} as now`;
  }

  /** `work` is run again where another transaction was in its way, or its connection broke before the commit. */
  async run<T>(work: (transaction: HotTransaction) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const progress = { committing: false };
      try {
        return await this.#once(work, progress);
      } catch (error) {
        const harmless = isCollision(error) || (isSevered(error) && !progress.committing);
        if (tries < MOST_TRIES && harmless) continue;
        throw translated(error);
      }
    }
  }

  async #once<T>(work: (transaction: HotTransaction) => Promise<T>, progress: { committing: boolean }): Promise<T> {
    const client = await this.#pool.connect();
    let broken = false;
    try {
      const now = await this.#open(client);
      const result = await work({
        now,
        query: async <R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
          (await client.query<R>(text, values as unknown[])).rows,
      });
      progress.committing = true;
      await client.query("commit");
      return result;
    } catch (error) {
      broken = isBroken(error) || !(await rolledBack(client));
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async #open(client: pg.PoolClient): Promise<Date> {
    const results = (await client.query(this.#begin)) as unknown as pg.QueryResult<{ now: Date }>[];
    const now = results.at(-1)?.rows[0]?.now;
    if (now === undefined) throw new Error("The database did not tell its time");
    return now;
  }
}

/** Every statement looks up a few rows by key: an index is cheap for that, and compiling the plan is not. */
const PLANNER = "set local random_page_cost = 1.1; set local jit = off";

/** The database's clock as everything here reads it: a date has no microseconds. */
export const NOW = "date_trunc('milliseconds', now())";

async function rolledBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query("rollback");
    return true;
  } catch {
    return false;
  }
}
