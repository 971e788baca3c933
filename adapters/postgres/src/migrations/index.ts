import { Tables } from "./0001-tables.js";
import { Delivery } from "./0002-delivery.js";
import { OrderOfEnds } from "./0003-order-of-ends.js";
import type { ReleasedMigration } from "./released-migration.js";

interface Listed {
  readonly name: string;
  readonly class: ReleasedMigration;
}

/** In their order. A list, and no search for files: so they can be bundled. */
export const MIGRATIONS = [
  { name: "0001-tables", class: Tables },
  { name: "0002-delivery", class: Delivery },
  { name: "0003-order-of-ends", class: OrderOfEnds },
] as const satisfies readonly Listed[];
