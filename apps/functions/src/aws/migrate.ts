import { migrateDown, migrateUp, migrationStatus } from "@punctual/adapter-postgres/migrate";
import { z } from "zod";
import { BadConfig, type Environment, read } from "../config.js";
import { baseOf } from "./base.js";
import { databaseOf } from "./parts.js";
import { SHAPES } from "./shapes.js";
import { contradictionsInLogin, KNOWN } from "./variables.js";

const ORDER = z.strictObject({ action: z.enum(["up", "status", "down"]).default("up"), to: z.string().optional() });

/** Runs what is missing, or what it is told: `{"action": "up" | "status" | "down", "to"?: name}`. */
export function migrateFor(environment: Environment) {
  const config = read(environment, SHAPES.migrate, KNOWN, contradictionsInLogin);
  const database = databaseOf(config, baseOf(config));
  return async (event: unknown) => {
    const order = ORDER.safeParse(event ?? {});
    if (!order.success) throw new BadConfig(z.prettifyError(order.error));
    const { action, to } = order.data;
    const options = to === undefined ? {} : { to };
    switch (action) {
      case "up":
        return { action, done: await migrateUp(database, options) };
      case "down":
        return { action, done: await migrateDown(database, options) };
      case "status":
        return { action, migrations: await migrationStatus(database) };
    }
  };
}
