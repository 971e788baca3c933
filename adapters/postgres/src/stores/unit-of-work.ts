import { IsolationLevel, type MikroORM, type SqlEntityManager } from "@mikro-orm/postgresql";
import { type Clock, Conflict, type Rng, type Transaction, type UnitOfWork } from "@punctual/core";
import { CompiledQuery } from "kysely";
import type { PostgresConfig } from "../config.js";
import { isCollision, isRace, isSevered, translated } from "../errors.js";
import { NOW } from "../hot-path.js";
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
  readonly orm: MikroORM;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly config: PostgresConfig;
}

/** How often work is run again that others were in the way of, before its caller is told. */
const MOST_TRIES = 30;
/** A broken constraint may come from a row that the snapshot did not show; more than twice it does not. */
const MOST_RACES = 3;
const PAUSE_MS = 20;

/**
 * Transactions by REPEATABLE READ: whoever writes over a row that was changed since the transaction began is run again from
 * the start (U3). What two may not both do without touching the same row, the schema refuses: a key, a leader or a
 * destination in use.
 */
export class PostgresUnitOfWork implements UnitOfWork {
  readonly #deps: UnitOfWorkDeps;

  constructor(deps: UnitOfWorkDeps) {
    this.#deps = deps;
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

  async #once<T>(
    tenant: string,
    work: (transaction: Transaction) => Promise<T>,
    progress: { committing: boolean },
  ): Promise<T> {
    const { orm, config } = this.#deps;
    return orm.em.fork().transactional(
      async (em) => {
        const session = await open(em, tenant, config);
        const result = await work({
          now: session.now,
          schedules: new PostgresScheduleStore(session),
          events: new PostgresEventRecords(session),
          destinations: new PostgresDestinationStore(session),
          users: new PostgresUserStore(session),
          audit: new PostgresAuditLog(session),
          idempotency: new PostgresIdempotencyKeys(session),
          ended: new PostgresEndedEvents(session),
          stats: new PostgresStatsReader(session),
        });
        if (config.notify && session.wakesWithin(config.notifyWithinMs)) {
          await session.query("select pg_notify($1, '')", [WAKE_CHANNEL]);
        }
        progress.committing = true;
        return result;
      },
      { isolationLevel: IsolationLevel.REPEATABLE_READ },
    );
  }
}

/** Sets the limits of the transaction, for itself alone, and asks what time it is. */
async function open(em: SqlEntityManager, tenant: string, config: PostgresConfig): Promise<Session> {
  const { statementTimeoutMs, lockTimeoutMs, idleInTransactionTimeoutMs } = config;
  const limits = [statementTimeoutMs, lockTimeoutMs, idleInTransactionTimeoutMs].map(String);
  const { rows } = await em.getKysely().executeQuery<{ now: Date }>(CompiledQuery.raw(OPEN, limits));
  const now = rows[0]?.now;
  if (now === undefined) throw new Error("The database did not tell its time");
  return new Session(em, tenant, now);
}

const OPEN = `
  select set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true),
    set_config('idle_in_transaction_session_timeout', $3, true), set_config('datestyle', 'ISO', true), ${NOW} as now`;
