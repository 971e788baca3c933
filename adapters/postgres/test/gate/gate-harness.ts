import { BREAKER_DEFAULTS } from "@punctual/core";
import type { DestinationGateHarness } from "@punctual/core/conformance";
import { POSTGRES_DEFAULTS } from "../../src/config.js";
import { HotPath } from "../../src/hot-path.js";
import { migrateUp } from "../../src/migrate.js";
import { makePool } from "../../src/pool.js";
import { PostgresDestinationGate } from "../../src/stores/destination-gate.js";
import { freshDatabase } from "../support/database.js";

/**
 * The database's clock is moved on by another `now()`, before the real one in the search path; between two moves it goes
 * on by itself, by what statements take.
 */
const MOVABLE_CLOCK = `
  create schema clock;
  create table clock.shift (ms double precision not null);
  insert into clock.shift values (0);
  create function clock.now() returns timestamptz language sql stable
    as 'select pg_catalog.now() + (select ms from clock.shift) * interval ''1 millisecond''';
`;

/** The gates of two workers on a database of their own. */
export function gateHarness(): DestinationGateHarness {
  let opened: ReturnType<typeof start> | undefined;
  after(async () => (await opened?.catch(() => undefined))?.pool.end());

  const start = async () => {
    const { url, name } = await freshDatabase();
    const config = { ...POSTGRES_DEFAULTS, url, poolSize: 4 };
    await migrateUp(config);
    const admin = makePool({ ...config, poolSize: 1 });
    await admin.query(MOVABLE_CLOCK);
    await admin.query(`alter database ${name} set search_path = clock, pg_catalog, public`);
    await admin.end();
    return { pool: makePool(config), config };
  };

  return {
    open: async () => {
      const { pool, config } = await (opened ??= start());
      await pool.query("truncate destination_gates, gate_leases; update clock.shift set ms = 0");
      const { rows } = await pool.query<{ now: Date }>("select clock_timestamp() as now");
      let shift = (rows[0]?.now.getTime() ?? Number.NaN) - Date.now();
      const gate = () => new PostgresDestinationGate(new HotPath(pool, config));
      return {
        gates: [gate(), gate()],
        options: BREAKER_DEFAULTS,
        patienceMs: 100,
        now: () => Date.now() + shift,
        pass: async (ms) => {
          await pool.query("update clock.shift set ms = ms + $1", [ms]);
          shift += ms;
        },
      };
    },
    close: async () => undefined,
  };
}
