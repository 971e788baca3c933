import type { AuditLog } from "./audit-log.js";
import type { DestinationStore } from "./destination-store.js";
import type { EndedEvents } from "./ended-events.js";
import type { EventRecords } from "./event-records.js";
import type { IdempotencyKeys } from "./idempotency-keys.js";
import type { ScheduleStore } from "./schedule-store.js";
import type { StatsReader } from "./stats.js";
import type { UserStore } from "./user-store.js";

/**
 * One transaction over all stores, for one tenant. Every adapter promises:
 *   U1. all that `work` wrote is there when `run` returns, and none of it when `run` throws (I9);
 *   U2. no statement reads or changes a row of another tenant;
 *   U3. two transactions that would undo each other's premises do not both commit: one is run again, or ends in a
 *       `conflict`. So `work` may run more than once, and touches nothing but the transaction;
 *   U4. `now` is the store's own clock and stands still within one transaction;
 *   U5. `read` sees what is committed, and each question by itself: between two of them others may write. It costs less than a
 *       transaction, and is for who looks at one thing.
 */
export interface UnitOfWork {
  run<T>(tenant: string, work: (transaction: Transaction) => Promise<T>): Promise<T>;
  read<T>(tenant: string, work: (reader: Reader) => Promise<T>): Promise<T>;
}

/** What can be looked at without a transaction. */
export interface Reader {
  readonly schedules: Pick<ScheduleStore, "get" | "getByKey">;
  readonly events: Pick<EventRecords, "get" | "attempts" | "upcoming">;
  readonly destinations: Pick<DestinationStore, "get">;
  readonly users: Pick<UserStore, "get">;
}

export interface Transaction {
  readonly now: Date;
  readonly schedules: ScheduleStore;
  readonly events: EventRecords;
  readonly destinations: DestinationStore;
  readonly users: UserStore;
  readonly audit: AuditLog;
  readonly idempotency: IdempotencyKeys;
  readonly ended: EndedEvents;
  readonly stats: StatsReader;
}
