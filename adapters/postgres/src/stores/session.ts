import type pg from "pg";

/** What the stores of one transaction share. */
export class Session {
  readonly tenant: string;
  /** The database's clock, as it stood at the start. */
  readonly now: Date;
  readonly #client: Pick<pg.Pool | pg.PoolClient, "query">;
  /** With the earliest of their open events of the rule. */
  readonly #made = new Map<string, Date | null>();
  #earliestWake = Infinity;

  constructor(client: Pick<pg.Pool | pg.PoolClient, "query">, tenant: string, now: Date) {
    this.#client = client;
    this.tenant = tenant;
    this.now = now;
  }

  async query<R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.#client.query<R>(text, values as unknown[])).rows;
  }

  /** Notes a schedule that this transaction has made: before its commit nobody else knows of it. */
  made(scheduleId: string): void {
    this.#made.set(scheduleId, null);
  }

  hasMade(scheduleId: string): boolean {
    return this.#made.has(scheduleId);
  }

  /** Notes an event of the rule that was added to a schedule, if this transaction has made that. */
  opened(scheduleId: string, dueAt: Date): void {
    const first = this.#made.get(scheduleId);
    if (first === null || (first !== undefined && dueAt < first)) this.#made.set(scheduleId, dueAt);
  }

  /** When those are due next which this transaction has made, if it has made them all; null where that has to be asked. */
  upcomingOf(scheduleIds: readonly string[]): ReadonlyMap<string, Date> | null {
    if (!scheduleIds.every((id) => this.#made.has(id))) return null;
    const due = scheduleIds.map((id) => [id, this.#made.get(id) ?? null] as const);
    return new Map(due.flatMap(([id, at]) => (at === null ? [] : [[id, at] as const])));
  }

  /** Notes that events were changed otherwise than by being added: of what was made nothing is known any more. */
  changed(): void {
    this.#made.clear();
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
