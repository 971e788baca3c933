import { randomBytes } from "node:crypto";
import { makePool } from "@punctual/adapter-postgres";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { databaseOn, findServer, type PostgresServer } from "@punctual/adapter-postgres/server";

let server: Promise<PostgresServer> | undefined;
const names: string[] = [];

/** An empty database on the server of this run. */
export async function freshDatabase(): Promise<string> {
  const { TEST_POSTGRES_URL: url, DOCKER_HOST: dockerHost } = process.env;
  server ??= findServer({
    durable: false,
    ...(url !== undefined && { url }),
    ...(dockerHost !== undefined && { dockerHost }),
  });
  const name = `punctual_cli_${randomBytes(6).toString("hex")}`;
  names.push(name);
  return databaseOn(await server, name);
}

after("ends the PostgreSQL of this run", async () => {
  const running = await server?.catch(() => undefined);
  if (running?.origin === "given") {
    const pool = makePool({ ...POSTGRES_DEFAULTS, url: running.url });
    for (const name of names) await pool.query(`drop database if exists ${name} with (force)`);
    await pool.end();
  }
  await running?.stop();
});
