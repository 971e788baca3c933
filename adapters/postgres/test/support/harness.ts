import type { StoreHarness } from "@punctual/core/conformance";
import { MemoryFailpoints, SeededRng } from "@punctual/core/memory";
import { POSTGRES_DEFAULTS } from "../../src/config.js";
import { HotPath } from "../../src/hot-path.js";
import { migrateUp } from "../../src/migrate.js";
import { makePool } from "../../src/pool.js";
import { PostgresEventStore } from "../../src/stores/event-store.js";
import { PostgresUnitOfWork } from "../../src/stores/unit-of-work.js";
import { realClock } from "./clock.js";
import { freshDatabase } from "./database.js";

/**
 * A clock for the database that can be moved on. It stands before the real one in the search path of every connection, so
 * the statements are those of production; nothing in them knows of it.
 */
const MOVABLE_CLOCK = `
  create schema clock;
  create table clock.shift (ms double precision not null);
  insert into clock.shift values (0);
  create function clock.now() returns timestamptz language sql stable
    as 'select pg_catalog.now() + (select ms from clock.shift) * interval ''1 millisecond''';
`;

const TABLES = "events, event_history, attempts, schedules, users, destinations, audit_log, idempotency_keys";

export interface PostgresHarnessOptions {
  /** What connects to the database: a pooler's address, for instance, for the server's. */
  readonly through?: (url: string) => string;
  /** Settings of the database, such as those that force the planner to a kind of join. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly name?: string;
}

/** The real stores, on a database of their own that each case finds empty. */
export function postgresHarness({ through, settings = {}, name }: PostgresHarnessOptions = {}): StoreHarness {
  let opened: ReturnType<typeof start> | undefined;
  after(async () => (await opened?.catch(() => undefined))?.pool.end());

  const start = async () => {
    const database = await freshDatabase();
    const direct = { ...POSTGRES_DEFAULTS, url: database.url };
    await migrateUp(direct);
    const admin = makePool({ ...direct, poolSize: 1 });
    await admin.query(MOVABLE_CLOCK);
    const all = { search_path: "clock, pg_catalog, public", ...settings };
    for (const [setting, value] of Object.entries(all)) {
      await admin.query(`alter database ${database.name} set ${setting} = ${value}`);
    }
    await admin.end();
    const config = { ...direct, url: through?.(database.url) ?? database.url, poolSize: 20 };
    const pool = makePool(config);
    return { pool, config };
  };

  return {
    name: name ?? "PostgreSQL",
    open: async () => {
      const { pool, config } = await (opened ??= start());
      await pool.query(`truncate ${TABLES}; update clock.shift set ms = 0`);
      const failpoints = new MemoryFailpoints();
      const rng = new SeededRng(1);
      return {
        events: new PostgresEventStore(new HotPath(pool, config), failpoints),
        unitOfWork: new PostgresUnitOfWork({ pool, clock: realClock, rng, config }),
        now: async () => {
          const { rows } = await pool.query<{ now: Date }>("select now() as now");
          return rows[0]?.now ?? new Date(Number.NaN);
        },
        advance: async (ms) => void (await pool.query("update clock.shift set ms = ms + $1", [ms])),
        failpoints: {
          arm: (place, act) => failpoints.arm(place, act),
          disarm: (place) => failpoints.disarm(place),
        },
      };
    },
    close: async () => undefined,
  };
}
