import { type Clock, Conflict, type Reader, type Rng, type Transaction, type UnitOfWork } from "@punctual/core";
import type pg from "pg";
import type { PostgresConfig } from "../config.js";
import { isCollision, isRace, isSevered, translated } from "../errors.js";
import { beginning, inTransaction } from "../transaction.js";
import { WAKE_CHANNEL } from "../wake-ups.js";
import { PostgresAuditLog } from "./audit-log.js";
import { PostgresDestinationStore } from "./destination-store.js";
import { PostgresEndedEvents } from "./ended-events.js";
import { PostgresEventRecords } from "./event-records.js";
import { PostgresIdempotencyKeys } from "./idempotency-keys.js";
import { PostgresScheduleStore } from "./schedule-store.js";
import { Session } from "./session.js";
import { PostgresStatsReader } from "./stats.js";
import { PostgresUserStore } from "./user-store.js";

export interface UnitOfWorkDeps {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly config: PostgresConfig;
}

/** How often work is run again that others were in the way of, before its caller is told. */
const MOST_TRIES = 30;
/** A broken constraint may come from a row that the snapshot did not show; more than twice it does not. */
const MOST_RACES = 3;
const PAUSE_MS = 20;

const NOTIFY = `select pg_notify('${WAKE_CHANNEL}', ''); `;

/**
 * Transactions by REPEATABLE READ: whoever writes over a row that was changed since the transaction began is run again from
 * the start (U3). What two may not both do without touching the same row, the schema refuses: a key, a leader or a
 * destination in use.
 */
export class PostgresUnitOfWork implements UnitOfWork {
  readonly #deps: UnitOfWorkDeps;
  readonly #begin: string;

  constructor(deps: UnitOfWorkDeps) {
    this.#deps = deps;
    this.#begin = beginning("repeatable read", deps.config);
  }

  async run<T>(tenant: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const { clock, rng } = this.#deps;
    for (let tries = 1; ; tries++) {
      const progress = { committing: false };
      try {
        return await this.#once(tenant, work, progress);
      } catch (error) {
        const race = isRace(error) && tries < MOST_RACES;
        const severed = isSevered(error) && !progress.committing && tries < MOST_RACES;
        if (!race && !severed && !isCollision(error)) throw translated(error);
        if (tries >= MOST_TRIES) throw new Conflict("stale_revision", "Others keep changing the same things");
        await clock.sleep(rng.next() * PAUSE_MS * Math.min(tries, 10));
      }
    }
  }

  /** Without a transaction: a statement each, which needs no limits, as it looks up a few rows by their key. */
  async read<T>(tenant: string, work: (reader: Reader) => Promise<T>): Promise<T> {
    const { pool } = this.#deps;
    // What time it is in the store nobody asks who only looks.
    const session = new Session(pool, tenant, new Date(Number.NaN));
    for (let tries = 1; ; tries++) {
      try {
        return await work({
          schedules: new PostgresScheduleStore(session),
          events: new PostgresEventRecords(session),
          destinations: new PostgresDestinationStore(session),
          users: new PostgresUserStore(session),
        });
      } catch (error) {
        if (!isSevered(error) || tries >= MOST_RACES) throw translated(error);
      }
    }
  }

  async #once<T>(
    tenant: string,
    work: (transaction: Transaction) => Promise<T>,
    progress: { committing: boolean },
  ): Promise<T> {
    const { pool, config } = this.#deps;
    let session: Session | undefined;
    return inTransaction(pool, {
      begin: this.#begin,
      work: (client, now) => {
        session = new Session(client, tenant, now);
        return work(transactionOf(session));
      },
      last: () => (config.notify && session?.wakesWithin(config.notifyWithinMs) === true ? NOTIFY : ""),
      onCommit: () => (progress.committing = true),
    });
  }
}

function transactionOf(session: Session): Transaction {
  return {
    now: session.now,
    schedules: new PostgresScheduleStore(session),
    events: new PostgresEventRecords(session),
    destinations: new PostgresDestinationStore(session),
    users: new PostgresUserStore(session),
    audit: new PostgresAuditLog(session),
    idempotency: new PostgresIdempotencyKeys(session),
    ended: new PostgresEndedEvents(session),
    stats: new PostgresStatsReader(session),
  };
}
