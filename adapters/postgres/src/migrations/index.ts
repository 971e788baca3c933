import { Tables } from "./0001-tables.js";

/** In their order. A list, and no search for files: so they can be bundled. */
export const MIGRATIONS = [{ name: "0001-tables", class: Tables }] as const;
