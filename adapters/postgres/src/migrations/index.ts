import { Tables } from "./0001-tables.js";
import { Delivery } from "./0002-delivery.js";

/** In their order. A list, and no search for files: so they can be bundled. */
export const MIGRATIONS = [
  { name: "0001-tables", class: Tables },
  { name: "0002-delivery", class: Delivery },
] as const;
