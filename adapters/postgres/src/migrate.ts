import { Migrator } from "@mikro-orm/migrations";
import type { MikroORM } from "@mikro-orm/postgresql";
import { type Failpoints, InvalidInput, NO_FAILPOINTS } from "@punctual/core";
import type { PostgresConfig } from "./config.js";
import { translated } from "./errors.js";
import { MIGRATIONS } from "./migrations/index.js";
import type { MigrationKind } from "./migrations/released-migration.js";
import { makeOrm } from "./orm.js";
import { keepPartitions } from "./partitions.js";
import { makePool } from "./pool.js";

export interface MigrationStatus {
  readonly name: string;
  /** Null while it is still to be run. */
  readonly at: Date | null;
  /** Null of one that a later program has run. */
  readonly kind: MigrationKind | null;
}

export interface MigrateOptions {
  /** The last migration to be run, or, going down, the first to be taken back; all, or the last one, if left out. */
  readonly to?: string;
  readonly failpoints?: Failpoints;
}

/** Any number that nobody else uses in this database. */
const ADVISORY_LOCK = 7_700_001;
/** A migration takes its time, and who comes second waits for the first. */
const A_DAY = 86_400_000;

/** Runs what is missing, each migration in a transaction; run twice at once, the second waits and finds nothing to do. */
export async function migrateUp(config: PostgresConfig, options: MigrateOptions = {}): Promise<readonly string[]> {
  const done = await migrating(config, async (orm) => {
    const done: string[] = [];
    const pending = (await orm.migrator.getPending()).map(({ name }) => name);
    checkName(options.to, pending, "to be run");
    for (const name of pending) {
      await (options.failpoints ?? NO_FAILPOINTS).at("migration.mid");
      await orm.migrator.up({ migrations: [name] });
      done.push(name);
      if (name === options.to) break;
    }
    return done;
  });
  await keepPartitions(config);
  return done;
}

/** Takes back the last migration, or all down to the one that is named. What they held is lost. */
export async function migrateDown(config: PostgresConfig, options: MigrateOptions = {}): Promise<readonly string[]> {
  return migrating(config, async (orm) => {
    const done: string[] = [];
    const executed = (await orm.migrator.getExecuted()).map(({ name }) => name).reverse();
    checkName(options.to, executed, "that was run");
    for (const name of executed) {
      await (options.failpoints ?? NO_FAILPOINTS).at("migration.mid");
      await orm.migrator.down({ migrations: [name] });
      done.push(name);
      if (options.to === undefined || name === options.to) break;
    }
    return done;
  });
}

export async function migrationStatus(config: PostgresConfig): Promise<readonly MigrationStatus[]> {
  return migrating(config, async (orm) => {
    const executed = new Map((await orm.migrator.getExecuted()).map(({ name, executed_at }) => [name, executed_at]));
    const known: readonly MigrationStatus[] = MIGRATIONS.map(({ name, class: migration }) => ({
      name,
      at: executed.get(name) ?? null,
      kind: migration.kind,
    }));
    const newer = [...executed].filter(([name]) => !MIGRATIONS.some((one) => one.name === name));
    return [...known, ...newer.map(([name, at]) => ({ name, at, kind: null }))];
  });
}

/** A name that is not met on the way would never stop it. */
function checkName(name: string | undefined, names: readonly string[], which: string): void {
  if (name === undefined || names.includes(name)) return;
  const message = `Must name a migration ${which}: ${names.join(", ") || "there is none"}`;
  throw new InvalidInput([{ pointer: "/to", code: "unknown_migration", message }]);
}

/** Alone: the lock is a transaction's, on a connection of its own, so that it ends with it whatever happens. */
async function migrating<T>(config: PostgresConfig, work: (orm: MikroORM) => Promise<T>): Promise<T> {
  const pool = makePool({ ...config, poolSize: 3, statementTimeoutMs: A_DAY });
  try {
    const guard = await pool.connect();
    try {
      await guard.query("begin; set local idle_in_transaction_session_timeout = 0");
      await guard.query("select pg_advisory_xact_lock($1)", [ADVISORY_LOCK]);
      const orm = await makeOrm(pool, {
        extensions: [Migrator],
        migrations: { tableName: "migrations", migrationsList: [...MIGRATIONS], snapshot: false, silent: true },
      });
      try {
        return await work(orm);
      } finally {
        await orm.close();
      }
    } finally {
      guard.release(true);
    }
  } catch (error) {
    throw translated(error);
  } finally {
    await pool.end();
  }
}
