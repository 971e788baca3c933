import type pg from "pg";
import { isCollision, isSevered, translated } from "./errors.js";
import { beginning, inTransaction, type Timeouts } from "./transaction.js";

/** One transaction of the hot path. */
export interface HotTransaction {
  /** The database's clock, in whole milliseconds, rounded down. */
  readonly now: Date;
  readonly query: <R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<R[]>;
}

const MOST_TRIES = 5;

/** Runs the transactions of the hot path: READ COMMITTED, so that each statement sees what was committed before it. */
export class HotPath {
  readonly #pool: pg.Pool;
  readonly #begin: string;

  constructor(pool: pg.Pool, timeouts: Timeouts) {
    this.#pool = pool;
    this.#begin = beginning("read committed", timeouts);
  }

  /** `work` is run again where another transaction was in its way, or its connection broke before the commit. */
  async run<T>(work: (transaction: HotTransaction) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      let committing = false;
      try {
        return await inTransaction(this.#pool, {
          begin: this.#begin,
          work: (client, now) =>
            work({
              now,
              query: async <R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
                (await client.query<R>(text, values as unknown[])).rows,
            }),
          onCommit: () => (committing = true),
        });
      } catch (error) {
        const harmless = isCollision(error) || (isSevered(error) && !committing);
        if (tries < MOST_TRIES && harmless) continue;
        throw translated(error);
      }
    }
  }
}
