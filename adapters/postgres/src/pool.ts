import pg from "pg";
import { parseIntoClientConfig } from "pg-connection-string";
import type { PostgresConfig } from "./config.js";

/**
 * The connections of this process. They carry no session state, so they may come from a pooler that shares them between
 * transactions. Whoever makes a pool ends it.
 */
export function makePool(config: PostgresConfig): pg.Pool {
  const pool = new pg.Pool({
    ...addressOf(config),
    max: config.poolSize,
    connectionTimeoutMillis: config.connectTimeoutMs,
    // A little more than the server's own limit: it is for servers that no longer answer.
    query_timeout: config.statementTimeoutMs + 2_000,
    keepAlive: true,
    application_name: config.applicationName,
    types: { getTypeParser },
  });
  // A connection that breaks while nobody uses it is replaced by the pool; unheard, the event would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => void client.on("error", () => undefined));
  return pool;
}

/** The driver reads a password in `url`, even none, before any that it was given otherwise. */
export function addressOf({ url, password }: Pick<PostgresConfig, "url" | "password">): pg.PoolConfig {
  return password === undefined ? { connectionString: url } : { ...parseIntoClientConfig(url), password };
}

type Parser = (text: string) => unknown;

/** Instants become dates, whole numbers numbers, days stay text; all else is read as the driver reads it. */
const PARSERS: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  [pg.types.builtins.TIMESTAMPTZ, parseInstant],
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.DATE, String],
]);

function getTypeParser(oid: number): Parser {
  return PARSERS.get(oid) ?? (pg.types.getTypeParser(oid) as Parser);
}

/** `2026-11-21 06:13:04.123+00`, several times as fast as by the driver's own parser; a claim reads thousands of them. */
export function parseInstant(text: string): Date {
  const [day, rest] = [text.slice(0, 10), text.slice(11)];
  if (rest.endsWith("+00")) return new Date(`${day}T${rest.slice(0, -3)}Z`);
  return new Date(`${day}T${rest}${/[+-]\d\d$/.test(rest) ? ":00" : ""}`);
}
