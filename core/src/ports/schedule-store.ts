import type { Schedule } from "../schedules/schedule.js";

/**
 * The schedules of one tenant, within a transaction. Every adapter promises:
 *   S1. a key belongs to one schedule at most that is not deleted; a second one is refused as `key_taken`;
 *   S2. `save` writes only over the revision before; any other ends in `stale_revision`;
 *   S3. lists run in the order of ids, each entry once, whatever is written meanwhile;
 *   S4. a deleted schedule is found by its id, and in a list that asks for deleted ones too; never by key.
 */
export interface ScheduleStore {
  add(schedules: readonly Schedule[]): Promise<void>;
  get(id: string): Promise<Schedule | null>;
  getByKey(key: string): Promise<Schedule | null>;
  /** Those of the keys that belong to a schedule. */
  knownKeys(keys: readonly string[]): Promise<ReadonlySet<string>>;
  save(schedule: Schedule): Promise<void>;
  list(query: ScheduleQuery): Promise<readonly Schedule[]>;
}

export interface ScheduleQuery {
  readonly limit: number;
  /** The id behind which the list goes on. */
  readonly after?: string;
  readonly type?: string;
  readonly destinationId?: string;
  readonly timeZone?: string;
  /** Active is what has something ahead: an open event of its rule. What has ended is neither. */
  readonly status?: "active" | "paused";
  /** Deleted ones too. */
  readonly deleted?: true;
  readonly labels?: Readonly<Record<string, string>>;
}
