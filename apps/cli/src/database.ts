import { POSTGRES_DEFAULTS, type PostgresConfig } from "@punctual/adapter-postgres/config";
import { usage } from "./failure.js";
import type { Run } from "./run.js";

/** The database that the environment names: with its password it has no place on a command line. */
export function databaseOf({ config: { databaseUrl } }: Run): PostgresConfig {
  if (databaseUrl === undefined) {
    throw usage("PUNCTUAL_DATABASE_URL, in the environment, must say which database");
  }
  return { ...POSTGRES_DEFAULTS, url: databaseUrl, poolSize: 3, applicationName: "punctual cli" };
}
