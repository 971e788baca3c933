import type { Reader, Transaction, UnitOfWork } from "../ports/unit-of-work.js";
import { MemoryAuditLog } from "./audit-log.js";
import { MemoryDestinationStore } from "./destination-store.js";
import { MemoryEndedEvents } from "./ended-events.js";
import { MemoryEventRecords } from "./event-records.js";
import { MemoryIdempotencyKeys } from "./idempotency-keys.js";
import { MemoryScheduleStore } from "./schedule-store.js";
import { MemoryStatsReader } from "./stats.js";
import type { MemoryTables } from "./tables.js";
import { MemoryUserStore } from "./user-store.js";

export class MemoryUnitOfWork implements UnitOfWork {
  readonly #tables: MemoryTables;

  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  async run<T>(tenant: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const tables = this.#tables;
    return tables.transaction((now) =>
      work({
        now,
        schedules: new MemoryScheduleStore(tables, tenant),
        events: new MemoryEventRecords(tables, tenant, now),
        destinations: new MemoryDestinationStore(tables, tenant),
        users: new MemoryUserStore(tables, tenant),
        audit: new MemoryAuditLog(tables, tenant, now),
        idempotency: new MemoryIdempotencyKeys(tables, tenant, now),
        ended: new MemoryEndedEvents(tables, tenant, now),
        stats: new MemoryStatsReader(tables, tenant, now),
      }),
    );
  }

  async read<T>(tenant: string, work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.run(tenant, work);
  }
}
