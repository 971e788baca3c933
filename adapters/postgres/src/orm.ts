import { MikroORM, type Options, PostgreSqlDriver } from "@mikro-orm/postgresql";
import { PostgresDialect, type PostgresPoolClient } from "kysely";
import type pg from "pg";
import { isBroken } from "./errors.js";
import { entities } from "./schema/entities.js";

/** The ORM, on connections that it shares with the hot path; whoever made the pool ends it. */
export async function makeOrm(
  pool: pg.Pool,
  options: Pick<Options, "extensions" | "migrations"> = {},
): Promise<MikroORM> {
  return MikroORM.init({
    ...options,
    driver: PostgreSqlDriver,
    dbName: databaseOf(pool), // before it migrates it makes a database of that name, unless there is one
    entities,
    driverOptions: new PostgresDialect({
      pool: {
        options: pool.options,
        connect: async () => discardedIfBroken(await pool.connect()),
        end: async () => undefined,
      },
    }),
  });
}

function databaseOf({ options }: pg.Pool): string {
  if (options.database !== undefined) return options.database;
  const url = new URL(options.connectionString ?? "");
  return decodeURIComponent(url.pathname.slice(1)) || decodeURIComponent(url.username);
}

/**
 * Kysely gives back every connection as if it were good, and one that breaks while it begins or rolls back a transaction
 * not at all. So a connection that broke or no longer answers goes at once.
 */
function discardedIfBroken(client: pg.PoolClient): PostgresPoolClient {
  let released = false;
  const release = (broken: boolean) => {
    if (!released) client.release(broken);
    released = true;
  };
  const query = client.query.bind(client);
  return Object.assign(Object.create(client) as PostgresPoolClient, {
    query: async (text: string, values: unknown[]) => {
      try {
        return await query(text, values);
      } catch (error) {
        if (isBroken(error)) release(true);
        throw error;
      }
    },
    release: () => release(false),
  });
}
