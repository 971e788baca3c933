import { randomUUID } from "node:crypto";
import {
  claimPlanner,
  IntlZoneRules,
  NO_TELEMETRY,
  type NewEvent,
  PLAN_DEFAULTS,
  type PlanClaim,
  Recurrence,
  SCHEDULE_DEFAULTS,
  type UnitOfWork,
} from "@punctual/core";
import { HotPath, PostgresUnitOfWork, maintain, makePool, PostgresEventStore } from "@punctual/adapter-postgres";
import { POSTGRES_DEFAULTS, type PostgresConfig } from "@punctual/adapter-postgres/config";
import { SystemClock, SystemRng } from "@punctual/adapter-local";
import { migrateUp } from "@punctual/adapter-postgres/migrate";
import type pg from "pg";
import { batches, inParallel } from "./parallel.js";
import { makeSeries, type Series, type SeriesOptions, TENANT, TYPE } from "./series.js";

const DAY = 86_400_000;
/** A round may begin hours after its events were made: they are late then, but were not missed. */
const PLAN = { ...PLAN_DEFAULTS, missedAfterMs: DAY };

export interface OursOptions {
  readonly poolSize?: number;
}

/** Our stores on a database of their own, with the core's real plan. */
export class Ours {
  readonly pool: pg.Pool;
  readonly store: PostgresEventStore;
  readonly unitOfWork: UnitOfWork;
  readonly plan: PlanClaim;
  readonly zones: IntlZoneRules;
  readonly destinationId = randomUUID();

  readonly #config: PostgresConfig;
  readonly #closing = new AbortController();
  #maintenance: Promise<void> | undefined;

  private constructor(config: PostgresConfig) {
    this.#config = config;
    this.pool = makePool(config);
    this.store = new PostgresEventStore(new HotPath(this.pool, config));
    this.unitOfWork = new PostgresUnitOfWork({ pool: this.pool, clock: machine, rng: new SystemRng(), config });
    this.zones = new IntlZoneRules({ version: process.versions.tz ?? "unknown" });
    this.plan = claimPlanner(new Recurrence(this.zones), PLAN);
  }

  static async open(url: string, { poolSize = 8 }: OursOptions = {}): Promise<Ours> {
    const config = { ...POSTGRES_DEFAULTS, url, poolSize, statementTimeoutMs: 600_000 };
    await migrateUp(config);
    const ours = new Ours(config);
    await ours.pool.query(
      `insert into destinations (id, tenant, kind, url, method, headers, timeout_ms, enabled, inline, revision, created_at, updated_at)
       values ($1, $2, 'http', 'https://receiver.test/', 'POST', '{}', 10000, true, false, 1, now(), now())`,
      [ours.destinationId, TENANT],
    );
    return ours;
  }

  /** Schedules that are in the database, by SQL, with their first events, which are not. */
  async schedules(count: number, recurring: number, minute: number, dueAt?: SeriesOptions["dueAt"]): Promise<Series[]> {
    const series = makeSeries({ count, recurring, minute, dueAt, destinationId: this.destinationId }, this.zones);
    for (const some of batches(series, 5_000)) {
      const rows = some.map(({ scheduleId, timing }) => ({ id: scheduleId, timing, time_zone: timing.timeZone }));
      await this.pool.query(ADD_SCHEDULES, [JSON.stringify(rows), TENANT, TYPE, this.destinationId, ...POLICIES]);
    }
    await this.pool.query("vacuum analyze schedules");
    return series;
  }

  async add(events: readonly NewEvent[], { size = 1_000, lanes = 4 } = {}): Promise<void> {
    await inParallel(batches(events, size), lanes, async (batch) => {
      await this.unitOfWork.run(TENANT, async (transaction) => transaction.events.add(batch));
    });
  }

  /** Where all events go, and what signs them, as a process has sealed it that is to open it. */
  async sendTo(url: string, sealed: string): Promise<void> {
    const secrets = [{ id: randomUUID(), sealed, createdAt: new Date().toISOString(), expiresAt: null }];
    const text = "update destinations set url = $2, secrets = $3 where id = $1";
    await this.pool.query(text, [this.destinationId, url, JSON.stringify(secrets)]);
  }

  get url(): string {
    return this.#config.url;
  }

  async empty(): Promise<void> {
    await this.pool.query("truncate events, event_history, attempts");
  }

  /** As a long-running process does: partitions, and what claims leave behind. */
  lookAfter(): void {
    const deps = { config: this.#config, clock: machine, telemetry: NO_TELEMETRY };
    this.#maintenance ??= maintain(deps, this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#maintenance;
    await this.pool.end();
  }
}

const ADD_SCHEDULES = `
  insert into schedules (id, tenant, type, timing, time_zone, destination_id, payload, catch_up, if_running, retry, labels,
    status, revision, history, created_at, updated_at)
  select id, $2, $3, timing, time_zone, $4, json_build_object('message', 'hello world', 'id', id)::text, $5, $6, $7, '{}',
    'active', 1, json_build_array(json_build_object('timing', timing, 'first', null, 'ordinal', 1)), now(), now()
  from json_to_recordset($1::json) as s (id uuid, timing json, time_zone text)`;

const { catchUp, ifRunning, retry } = SCHEDULE_DEFAULTS;
const POLICIES = [JSON.stringify(catchUp), ifRunning, JSON.stringify(retry)];

// Asked only when a transaction is run again, which none is here.
const machine = new SystemClock();
