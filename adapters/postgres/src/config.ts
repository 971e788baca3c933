/** How the program reaches its database, and how long it waits there. */
export interface PostgresConfig {
  readonly url: string;
  /** Asked for each new connection, where the password changes from time to time. In place of the one in `url`. */
  readonly password?: () => Promise<string>;
  /** Where to listen for hints: the server itself, where `url` leads to a pooler. The same, if left out. */
  readonly listenUrl?: string;
  /** Connections of this process, but for the one that listens. What the server must allow stands in `docs/postgresql.md`. */
  readonly poolSize: number;
  /** How long a caller waits for a free connection, or for a new one to be made. */
  readonly connectTimeoutMs: number;
  /** How long one statement may run, in the server and as seen from here. */
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** A transaction that nobody goes on with is ended: it holds locks, and keeps dead rows from being removed. */
  readonly idleInTransactionTimeoutMs: number;
  /** What the server shows of us in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Whether to hint at events that are due soon by NOTIFY. */
  readonly notify: boolean;
  /** Work that is due later than this is left to the poll: no hint is given for it. */
  readonly notifyWithinMs: number;
}

export const POSTGRES_DEFAULTS: Omit<PostgresConfig, "url"> = {
  poolSize: 10,
  connectTimeoutMs: 5_000,
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 5_000,
  idleInTransactionTimeoutMs: 15_000,
  applicationName: "punctual",
  notify: true,
  notifyWithinMs: 60_000,
};
