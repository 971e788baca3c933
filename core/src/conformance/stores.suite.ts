import { describeAuditLog } from "./audit-log.suite.js";
import { describeDestinationStore } from "./destination-store.suite.js";
import { describeEndedEvents } from "./ended-events.suite.js";
import { describeEventRecords } from "./event-records.suite.js";
import { describeEventStore } from "./event-store.suite.js";
import { describeIdempotencyKeys } from "./idempotency-keys.suite.js";
import { describeScheduleStore } from "./schedule-store.suite.js";
import { describeStats } from "./stats.suite.js";
import type { StoreHarness } from "./store-harness.js";
import { describeUnitOfWork } from "./unit-of-work.suite.js";
import { describeUserStore } from "./user-store.suite.js";

/** The promises of all stores together: whoever has one of them has the others. */
export function describeStores(harness: StoreHarness): void {
  describeEventStore(harness);
  describeEventRecords(harness);
  describeScheduleStore(harness);
  describeDestinationStore(harness);
  describeUserStore(harness);
  describeAuditLog(harness);
  describeIdempotencyKeys(harness);
  describeUnitOfWork(harness);
  describeEndedEvents(harness);
  describeStats(harness);
}
