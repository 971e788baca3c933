import type { PostgresStores, ServerFacts } from "@punctual/adapter-postgres/wiring";
import { type Clock, SchedulingError } from "@punctual/core";
import { databaseOf } from "../database.js";
import { failureOf } from "../failure.js";
import type { Run } from "../run.js";
import { type Check, failed, ok, skipped } from "./check.js";

const OLDEST_SERVER = 15;
const MOST_APART_MS = 1_000;
/** One process of ten connections and one that listens, three for migrations, ten for people: docs/postgresql.md. */
const LEAST_CONNECTIONS = 24;
const LONG_OPEN_MS = 60_000;
const SHORT_NAP_S = 5;

const NAMES = ["database", "tables", "clock", "connections", "vacuum", "open transactions"] as const;

/** Server, tables, clock and settings. */
export async function checkDatabase(run: Run): Promise<readonly Check[]> {
  if (run.config.databaseUrl === undefined) {
    return [skipped("database", "PUNCTUAL_DATABASE_URL is not set")];
  }
  const { databaseParts } = await import("../container.js");
  const { stores, clock } = await databaseParts(await databaseOf(run));
  try {
    const { facts, apartMs } = await asked(stores, clock);
    return [serverOf(facts), await tablesOf(stores), clockOf(apartMs), ...settingsOf(facts)];
  } catch (error) {
    const fix = "check PUNCTUAL_DATABASE_URL, and whether the server runs and lets this machine in";
    const [first, ...others] = NAMES;
    const skips = others.map((name) => skipped(name, "the database cannot be asked"));
    return [failed(first, failureOf(error).message, fix), ...skips];
  } finally {
    await stores.close();
  }
}

/** How far the clocks are apart is seen only as exactly as the answer was quick. */
async function asked(stores: PostgresStores, clock: Clock) {
  await stores.examine(); // the first one connects, which takes longer
  const before = clock.now().getTime();
  const facts = await stores.examine();
  const after = clock.now().getTime();
  const { now } = facts;
  return { facts, apartMs: Math.max(0, before - now.getTime(), now.getTime() - after) };
}

function serverOf({ version }: ServerFacts): Check {
  if (Number.parseInt(version) >= OLDEST_SERVER) return ok("database", `PostgreSQL ${version}`);
  return failed("database", `PostgreSQL ${version}`, `update it to ${OLDEST_SERVER} or newer`);
}

async function tablesOf(stores: PostgresStores): Promise<Check> {
  try {
    await stores.check();
    return ok("tables", `as this program needs them, version ${stores.schemaVersion} or newer`);
  } catch (error) {
    const isAhead = error instanceof SchedulingError && error.code === "schema_ahead";
    return failed("tables", failureOf(error).message, isAhead ? "update this program" : "punctual migrate up");
  }
}

function clockOf(apartMs: number): Check {
  const detail = `${Math.round(apartMs)} ms apart from the database's, at least`;
  if (apartMs <= MOST_APART_MS) return ok("clock", apartMs === 0 ? "in step with the database's" : detail);
  return failed("clock", detail, "set both by NTP; the database's decides what is due");
}

function settingsOf(facts: ServerFacts): readonly Check[] {
  const { maxConnections, autovacuum, naptimeSeconds, seesOthers, oldestTransactionMs } = facts;
  const connections = `${maxConnections} at most`;
  const naptime = `autovacuum every ${naptimeSeconds} s`;
  const nap = `where only functions run, set autovacuum_naptime to ${SHORT_NAP_S}s`;
  const open = `the oldest for ${Math.round(oldestTransactionMs / 1_000)} s`;
  const blind = "to see other users' transactions, too: grant pg_read_all_stats to this role";
  return [
    maxConnections >= LEAST_CONNECTIONS
      ? ok("connections", connections)
      : failed("connections", connections, `set max_connections to ${LEAST_CONNECTIONS} or more`),
    autovacuum
      ? ok("vacuum", naptime, naptimeSeconds > SHORT_NAP_S ? nap : undefined)
      : failed("vacuum", "autovacuum is off", "turn autovacuum on: claims get slower without it"),
    oldestTransactionMs <= LONG_OPEN_MS
      ? ok("open transactions", open, seesOthers ? undefined : blind)
      : failed("open transactions", open, "end it: as long as it is open, claims get slower"),
  ];
}
