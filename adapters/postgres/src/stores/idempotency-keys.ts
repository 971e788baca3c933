import { type IdempotencyKeys, isIdempotencyKey, type KeptReply } from "@punctual/core";
import type { Session } from "./session.js";

/**
 * Keeps replies with their effects: a row without a reply, which the table would allow, is never written. Of two that add
 * one key the second waits for the first, and where that commits, meets a row that its snapshot does not show: that is a
 * collision, and it is run again (R3).
 */
export class PostgresIdempotencyKeys implements IdempotencyKeys {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async get(key: string): Promise<KeptReply | null> {
    if (!isIdempotencyKey(key)) return null;
    const { tenant, now } = this.#session;
    const [row] = await this.#session.query<ReplyRow>(GET, [tenant, key, now]);
    if (row === undefined) return null;
    const { fingerprint, status, response, expires_at: expiresAt } = row;
    return { key, fingerprint, status, ...(JSON.parse(response) as Response), expiresAt };
  }

  async add({ key, fingerprint, status, headers, body, expiresAt }: KeptReply): Promise<void> {
    if (!isIdempotencyKey(key)) throw new Error(`No key can be ${JSON.stringify(key)}`);
    const { tenant, now } = this.#session;
    const response: Response = { headers, body };
    const values = [tenant, key, now, fingerprint, status, JSON.stringify(response), expiresAt];
    if ((await this.#session.query(ADD, values)).length === 0) throw new Error(`The key ${key} is there already`);
  }
}

interface ReplyRow {
  readonly fingerprint: string;
  readonly status: number;
  readonly response: string;
  readonly expires_at: Date;
}

/** What stands in `response`, as JSON: so it may be any text, also what a column cannot hold. */
type Response = Pick<KeptReply, "headers" | "body">;

const GET = `
  select fingerprint, status, response, expires_at from idempotency_keys
  where tenant = $1 and key = $2 and expires_at > $3`;

/** Writes over what has expired, and over nothing else (R4). */
const ADD = `
  insert into idempotency_keys as kept (tenant, key, created_at, fingerprint, status, response, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (tenant, key) do update set created_at = excluded.created_at, fingerprint = excluded.fingerprint,
    status = excluded.status, response = excluded.response, expires_at = excluded.expires_at
  where kept.expires_at <= excluded.created_at
  returning 1`;
