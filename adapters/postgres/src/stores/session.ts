import type { SqlEntityManager } from "@mikro-orm/postgresql";
import { CompiledQuery } from "kysely";

/** What the stores of one transaction share. */
export class Session {
  readonly em: SqlEntityManager;
  readonly tenant: string;
  /** The database's clock, as it stood at the start. */
  readonly now: Date;
  #earliestWake = Infinity;

  constructor(em: SqlEntityManager, tenant: string, now: Date) {
    this.em = em;
    this.tenant = tenant;
    this.now = now;
  }

  /** Runs a statement within the transaction, its values bound, as by the ORM's own `execute` they are not. */
  async query<R>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    const { rows } = await this.em.getKysely().executeQuery<R>(CompiledQuery.raw(text, [...values]));
    return rows;
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
