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
    dbName: "punctual", // the pool knows the real name
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

/** Kysely gives back every connection as if it were good; one that broke or no longer answers must not be used again. */
function discardedIfBroken(client: pg.PoolClient): PostgresPoolClient {
  let broken = false;
  const query = client.query.bind(client);
  return Object.assign(Object.create(client) as PostgresPoolClient, {
    query: async (text: string, values: unknown[]) => {
      try {
        return await query(text, values);
      } catch (error) {
        broken ||= isBroken(error);
        throw error;
      }
    },
    release: () => client.release(broken),
  });
}
