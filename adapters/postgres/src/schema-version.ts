import { Conflict } from "@punctual/core";
import type pg from "pg";
import { translated } from "./errors.js";

/** The number of the last migration that this program knows. */
export const SCHEMA_VERSION = 3;

interface VersionRow {
  readonly version: number;
  readonly oldest_program: number;
}

/**
 * Refuses a database that this program cannot work with: one that lacks a migration, or one that was migrated so far that
 * programs as old as this one were left behind. A newer one that still serves this program is fine: so a release can be
 * rolled out, and back, one instance at a time.
 */
export async function checkSchema(pool: pg.Pool): Promise<void> {
  const row = await versionOf(pool);
  if (row === null || row.version < SCHEMA_VERSION) {
    const at = row === null ? "has not been migrated" : `is at version ${row.version}, not ${SCHEMA_VERSION}`;
    throw new Conflict("schema_behind", `The database ${at}: run \`punctual migrate up\``);
  }
  if (row.oldest_program > SCHEMA_VERSION) {
    const message = `The database is at version ${row.version}, and this program knows ${SCHEMA_VERSION} only: update it`;
    throw new Conflict("schema_ahead", message);
  }
}

async function versionOf(pool: pg.Pool): Promise<VersionRow | null> {
  try {
    const { rows: there } = await pool.query<{ oid: string | null }>("select to_regclass('schema_version') as oid");
    if ((there[0]?.oid ?? null) === null) return null;
    const { rows } = await pool.query<VersionRow>("select version, oldest_program from schema_version");
    return rows[0] ?? null;
  } catch (error) {
    throw translated(error);
  }
}
