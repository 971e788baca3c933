import { type IdempotencyKeys, isIdempotencyKey, type KeptReply } from "../ports/idempotency-keys.js";
import type { MemoryTables } from "./tables.js";

export class MemoryIdempotencyKeys implements IdempotencyKeys {
  readonly #tables: MemoryTables;
  readonly #tenant: string;
  readonly #now: Date;

  constructor(tables: MemoryTables, tenant: string, now: Date) {
    this.#tables = tables;
    this.#tenant = tenant;
    this.#now = now;
  }

  async get(key: string): Promise<KeptReply | null> {
    const kept = this.#tables.reply(this.#tenant, key);
    return kept !== undefined && kept.expiresAt > this.#now ? kept : null;
  }

  async add(entry: KeptReply): Promise<void> {
    if (!isIdempotencyKey(entry.key)) throw new Error(`No key can be ${JSON.stringify(entry.key)}`);
    if ((await this.get(entry.key)) !== null) throw new Error(`The key ${entry.key} is there already`);
    this.#tables.keepReply(this.#tenant, entry);
  }
}
