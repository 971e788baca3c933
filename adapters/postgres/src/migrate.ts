import { Migrator } from "@mikro-orm/migrations";
import type { MikroORM } from "@mikro-orm/postgresql";
import { type Failpoints, InvalidInput, NO_FAILPOINTS } from "@punctual/core";
import type pg from "pg";
import type { PostgresConfig } from "./config.js";
import { translated } from "./errors.js";
import { MIGRATIONS } from "./migrations/index.js";
import { makeOrm } from "./orm.js";
import { keepPartitions } from "./partitions.js";
import { makePool } from "./pool.js";

export interface MigrationStatus {
  readonly name: string;
  /** Null while it is still to be run. */
  readonly at: Date | null;
}

export interface MigrateOptions {
  /** The last migration to be run, or, going down, the first to be taken back; all, or the last one, if left out. */
  readonly to?: string;
  readonly failpoints?: Failpoints;
}

/** Any number that nobody else uses in this database. */
const ADVISORY_LOCK = 7_700_001;

/** Runs what is missing, each migration in a transaction; run twice at once, the second waits and finds nothing to do. */
export async function migrateUp(config: PostgresConfig, options: MigrateOptions = {}): Promise<readonly string[]> {
  checkName(options.to);
  return migrating(config, async (orm, pool) => {
    const done: string[] = [];
    for (const { name } of await orm.migrator.getPending()) {
      await (options.failpoints ?? NO_FAILPOINTS).at("migration.mid");
      await orm.migrator.up({ migrations: [name] });
      done.push(name);
      if (name === options.to) break;
    }
    await keepPartitions(pool);
    return done;
  });
}

/** Takes back the last migration, or all down to the one that is named. What they held is lost. */
export async function migrateDown(config: PostgresConfig, options: MigrateOptions = {}): Promise<readonly string[]> {
  checkName(options.to);
  return migrating(config, async (orm) => {
    const done: string[] = [];
    const executed = (await orm.migrator.getExecuted()).map(({ name }) => name).reverse();
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
    const known = MIGRATIONS.map(({ name }) => ({ name, at: executed.get(name) ?? null }));
    const newer = [...executed].filter(([name]) => !MIGRATIONS.some((one) => one.name === name));
    return [...known, ...newer.map(([name, at]) => ({ name, at }))];
  });
}

function checkName(name: string | undefined): void {
  if (name === undefined || MIGRATIONS.some((one) => one.name === name)) return;
  const known = MIGRATIONS.map((one) => one.name).join(", ");
  throw new InvalidInput([{ pointer: "/to", code: "unknown_migration", message: `Must be one of ${known}` }]);
}

/** Alone: the lock is a transaction's, on a connection of its own, so that it ends with it whatever happens. */
async function migrating<T>(config: PostgresConfig, work: (orm: MikroORM, pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = makePool({ ...config, poolSize: 3 });
  try {
    const guard = await pool.connect();
    try {
      await guard.query("begin");
      await guard.query("select pg_advisory_xact_lock($1)", [ADVISORY_LOCK]);
      const orm = await makeOrm(pool, {
        extensions: [Migrator],
        migrations: { tableName: "migrations", migrationsList: [...MIGRATIONS], snapshot: false, silent: true },
      });
      try {
        return await work(orm, pool);
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
