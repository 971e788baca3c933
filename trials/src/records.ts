import type { Clock } from "@punctual/core";
import pg from "pg";

export interface EventRecord {
  readonly id: string;
  readonly destinationId: string;
  readonly state: string;
  readonly reason: string | null;
  /** In epoch milliseconds. */
  readonly dueAt: number;
  readonly latenessMs: number | null;
}

export interface AttemptRecord {
  readonly eventId: string;
  readonly number: number;
  readonly status: number | null;
  readonly error: string | null;
  /** In epoch milliseconds. */
  readonly startedAt: number;
}

const LOOK_MS = 200;

const EVENTS = `
  select id, destination_id as "destinationId", state, reason, (extract(epoch from due_at) * 1000)::float8 as "dueAt",
    lateness_ms as "latenessMs"
  from event_history`;

const ATTEMPTS = `
  select event_id as "eventId", number, status, error, (extract(epoch from started_at) * 1000)::float8 as "startedAt"
  from attempts`;

/** What the database has to say at the end. */
export class Records {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;

  constructor(url: string, clock: Clock) {
    this.#pool = new pg.Pool({ connectionString: url, max: 1 });
    this.#clock = clock;
  }

  /** Those that have ended. */
  async events(): Promise<readonly EventRecord[]> {
    return (await this.#pool.query<EventRecord>(EVENTS)).rows;
  }

  async attempts(): Promise<readonly AttemptRecord[]> {
    return (await this.#pool.query<AttemptRecord>(ATTEMPTS)).rows;
  }

  async open(destinationIds?: readonly string[]): Promise<number> {
    const text = "select count(*)::int as open from events where $1::uuid[] is null or destination_id = any($1)";
    const { rows } = await this.#pool.query<{ open: number }>(text, [destinationIds ?? null]);
    return rows[0]?.open ?? 0;
  }

  /** Until no event is open, at these destinations or any; answers how many still were when it had waited long enough. */
  async drained(mostMs: number, destinationIds?: readonly string[]): Promise<number> {
    const end = this.#clock.monotonic() + mostMs;
    for (;;) {
      const open = await this.open(destinationIds);
      if (open === 0 || this.#clock.monotonic() >= end) return open;
      await this.#clock.sleep(LOOK_MS);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
