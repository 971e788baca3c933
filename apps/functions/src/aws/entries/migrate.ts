import { migrateFor } from "../migrate.js";
import { environmentOf } from "../environment.js";

export const handler = migrateFor(await environmentOf(process.env));
