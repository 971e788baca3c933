import { randomBytes } from "node:crypto";
import { othersGone, withClient } from "../../src/server/connections.js";
import { findServer, type PostgresServer } from "../../src/server/index.js";

/** An empty database for one suite, or a copy of another. */
export interface Database {
  readonly name: string;
  readonly url: string;
  /** Ends what is still connected, too. */
  drop(): Promise<void>;
}

let server: Promise<PostgresServer> | undefined;
const databases = new Set<Database>();

/**
 * The server of this test run: the one at TEST_POSTGRES_URL, else a container, else an embedded one. It starts when
 * first asked for, which takes a second or, when an image is pulled, minutes.
 */
export function sharedServer(): Promise<PostgresServer> {
  return (server ??= open());
}

/**
 * A database of its own. With `template`, the name of another one that nobody is connected to, it is a copy of that.
 * Not dropped, it is dropped when the run ends.
 */
export async function freshDatabase({ template = "template0" } = {}): Promise<Database> {
  const { url } = await sharedServer();
  const name = `punctual_test_${randomBytes(6).toString("hex")}`;
  const own = new URL(url);
  own.pathname = name;
  await withClient(url, (client) =>
    client.query(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE ${client.escapeIdentifier(template)}`),
  );
  const database = {
    name,
    url: own.href,
    drop: async () => {
      await withClient(url, async (client) => {
        await othersGone(client, name);
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      });
      databases.delete(database);
    },
  };
  databases.add(database);
  return database;
}

async function open(): Promise<PostgresServer> {
  const began = performance.now();
  const { TEST_POSTGRES_URL: url, DOCKER_HOST: dockerHost } = process.env;
  const found = await findServer({ url, dockerHost, durable: false });
  const version = await withClient(found.url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    return rows[0]?.server_version;
  });
  console.log(`PostgreSQL ${version} (${found.origin}, there after ${Math.round(performance.now() - began)} ms)`);
  return found;
}

after("ends the PostgreSQL of this run", async () => {
  const running = await server?.catch(() => undefined);
  if (running?.origin === "given") for (const database of databases) await database.drop();
  await running?.stop();
});
