import {
  describeAuditLog,
  describeDestinationStore,
  describeEventRecords,
  describeEventStore,
  describeScheduleStore,
  describeUnitOfWork,
  describeUserStore,
} from "@punctual/core/conformance";
import { postgresHarness } from "../support/harness.js";

const harness = postgresHarness();

describeEventStore(harness);
describeEventRecords(harness);
describeScheduleStore(harness);
describeDestinationStore(harness);
describeUserStore(harness);
describeAuditLog(harness);
describeUnitOfWork(harness);
