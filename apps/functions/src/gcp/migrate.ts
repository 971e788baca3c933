import { migrateUp } from "@punctual/adapter-postgres/migrate";
import { type Environment, read } from "../config.js";
import { baseOf } from "./base.js";
import { databaseOf } from "./parts.js";
import { SHAPES } from "./shapes.js";
import { KNOWN } from "./variables.js";

/** A job: runs what is missing, and tells of it. */
export async function migrate(environment: Environment): Promise<void> {
  const config = read(environment, SHAPES.migrate, KNOWN);
  const { observed, clock } = await baseOf(config);
  try {
    const done = await migrateUp(databaseOf(config, { clock }));
    observed.log("migrated", { done: done.join() });
  } finally {
    await observed.close();
  }
}
