import { describeAuditLog } from "../../src/conformance/audit-log.suite.js";
import { describeDestinationStore } from "../../src/conformance/destination-store.suite.js";
import { describeEventRecords } from "../../src/conformance/event-records.suite.js";
import { describeEventStore } from "../../src/conformance/event-store.suite.js";
import { describeScheduleStore } from "../../src/conformance/schedule-store.suite.js";
import { describeUnitOfWork } from "../../src/conformance/unit-of-work.suite.js";
import { describeUserStore } from "../../src/conformance/user-store.suite.js";
import { memoryHarness } from "./memory-harness.js";

describeEventStore(memoryHarness());
describeEventRecords(memoryHarness());
describeScheduleStore(memoryHarness());
describeDestinationStore(memoryHarness());
describeUserStore(memoryHarness());
describeAuditLog(memoryHarness());
describeUnitOfWork(memoryHarness());
