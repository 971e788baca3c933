import type pg from "pg";
import { translated } from "./errors.js";

/** What an operator wants to know of a server before trusting it with events. */
export interface ServerFacts {
  /** As the server writes it: `18.1`. */
  readonly version: string;
  /** The clock that decides what is due. */
  readonly now: Date;
  readonly maxConnections: number;
  readonly autovacuum: boolean;
  /** How long the server waits between two rounds of vacuum. */
  readonly naptimeSeconds: number;
  /** Whether our role sees other users' transactions; one that does not cannot tell what makes claims slow. */
  readonly seesOthers: boolean;
  /** How long the oldest transaction that it sees has been open. */
  readonly oldestTransactionMs: number;
}

/** Asks the server itself; there need be no tables of ours. */
export async function examine(pool: pg.Pool): Promise<ServerFacts> {
  try {
    const { rows } = await pool.query<Omit<ServerFacts, "now"> & { readonly now: number }>(FACTS);
    const [facts] = rows;
    if (facts === undefined) throw new Error("The database did not answer");
    return { ...facts, now: new Date(facts.now) };
  } catch (error) {
    throw translated(error);
  }
}

const FACTS = `
  select current_setting('server_version') as version,
    floor(extract(epoch from clock_timestamp()) * 1000)::double precision as now,
    current_setting('max_connections')::integer as "maxConnections",
    current_setting('autovacuum')::boolean as autovacuum,
    extract(epoch from current_setting('autovacuum_naptime')::interval)::double precision as "naptimeSeconds",
    pg_has_role('pg_read_all_stats', 'usage') as "seesOthers",
    coalesce((select max(extract(epoch from clock_timestamp() - xact_start)) * 1000
      from pg_stat_activity
      where pid <> pg_backend_pid() and backend_type = 'client backend'), 0)::double precision as "oldestTransactionMs"`;
