import { escapeIdentifier } from "pg";
import { withClient } from "./connections.js";
import type { PostgresServer } from "./postgres-server.js";

/** The URL of a database on the server, which is made if it is not there. */
export async function databaseOn({ url }: Pick<PostgresServer, "url">, name: string): Promise<string> {
  await withClient(url, async (client) => {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
    if (rowCount === 0) await client.query(`create database ${escapeIdentifier(name)}`);
  });
  const own = new URL(url);
  own.pathname = `/${encodeURIComponent(name)}`;
  return own.href;
}
