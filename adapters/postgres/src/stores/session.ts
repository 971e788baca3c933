import type pg from "pg";

/** What the stores of one transaction share. */
export class Session {
  readonly tenant: string;
  /** The database's clock, as it stood at the start. */
  readonly now: Date;
  readonly #client: pg.PoolClient;
  #earliestWake = Infinity;

  constructor(client: pg.PoolClient, tenant: string, now: Date) {
    this.#client = client;
    this.tenant = tenant;
    this.now = now;
  }

  async query<R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.#client.query<R>(text, values as unknown[])).rows;
  }

  /** Notes that an event will want attention then. */
  wakesAt(at: Date | null): void {
    if (at !== null) this.#earliestWake = Math.min(this.#earliestWake, at.getTime());
  }

  /** Whether one will within so much time. */
  wakesWithin(ms: number): boolean {
    return this.#earliestWake <= this.now.getTime() + ms;
  }
}
