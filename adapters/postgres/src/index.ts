/** What others may use of this adapter, but for its wiring, its configuration, its migrations and its server. */
export { HotPath } from "./hot-path.js";
export { keepPartitions, PARTITION_DEFAULTS, type PartitionOptions, type PartitionReport } from "./partitions.js";
export { maintain, type MaintenanceDeps, tidy } from "./maintain.js";
export { makePool } from "./pool.js";
export { checkSchema, SCHEMA_VERSION } from "./schema-version.js";
export { PostgresDestinationGate } from "./stores/destination-gate.js";
export { PostgresEventStore } from "./stores/event-store.js";
export { PostgresUnitOfWork } from "./stores/unit-of-work.js";
export { PostgresWakeUps } from "./wake-ups.js";
