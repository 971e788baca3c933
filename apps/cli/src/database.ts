import { POSTGRES_DEFAULTS, type PostgresConfig } from "@punctual/adapter-postgres/config";
import { BadLogin, type Login, loadLogin } from "@punctual/adapter-sdk";
import type { DatabaseLogin } from "./config.js";
import { usage } from "./failure.js";
import type { Run } from "./run.js";

/** The database that the environment names: with its password it has no place on a command line. */
export async function databaseOf({ config: { databaseUrl: url, databaseLogin } }: Run): Promise<PostgresConfig> {
  if (url === undefined) {
    throw usage("PUNCTUAL_DATABASE_URL, in the environment, must say which database");
  }
  const config = { ...POSTGRES_DEFAULTS, url, poolSize: 3, applicationName: "punctual cli" };
  if (databaseLogin === undefined) return config;
  if (new URL(url).password !== "") {
    throw usage("PUNCTUAL_DATABASE_URL holds a password, and PUNCTUAL_DATABASE_LOGIN is there to give one");
  }
  return { ...config, password: await openLogin(databaseLogin) };
}

async function openLogin({ specifier, environment }: DatabaseLogin): Promise<Login> {
  try {
    return await loadLogin(specifier, environment, process.cwd());
  } catch (error) {
    throw error instanceof BadLogin ? usage(error.message) : error;
  }
}
