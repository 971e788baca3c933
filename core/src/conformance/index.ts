export { describeAuditLog } from "./audit-log.suite.js";
export type { Case, Runner } from "./cases.js";
export { type ClockHarness, describeClock, type OpenClock } from "./clock.suite.js";
export {
  describeDestinationGate,
  type DestinationGateHarness,
  type OpenDestinationGate,
} from "./destination-gate.suite.js";
export { type DataKeysHarness, describeDataKeys, type OpenDataKeys } from "./data-keys.suite.js";
export { describeDestinationStore } from "./destination-store.suite.js";
export { describeEndedEvents } from "./ended-events.suite.js";
export { describeEventRecords } from "./event-records.suite.js";
export { describeEventStore } from "./event-store.suite.js";
export { describeFailpoints, type FailpointsHarness, type OpenFailpoints } from "./failpoints.suite.js";
export { describeIdempotencyKeys } from "./idempotency-keys.suite.js";
export { describeIds } from "./ids.suite.js";
export { type Pass, type Passing, passOn } from "./passing.js";
export { describeRng } from "./rng.suite.js";
export { describeScheduleStore } from "./schedule-store.suite.js";
export { describeSecrets, type OpenSecrets, type SecretsHarness } from "./secrets.suite.js";
export {
  describeSender,
  type OpenSender,
  type ReceiverScript,
  type ScriptedReceiver,
  type SenderHarness,
} from "./sender.suite.js";
export { describeSignatures, type OpenSignatures, type SignaturesHarness } from "./signatures.suite.js";
export { describeStats } from "./stats.suite.js";
export type { StoreAbility, StoreFailpoint, StoreHarness, StoreUnderTest } from "./store-harness.js";
export { describeStores } from "./stores.suite.js";
export { describeTelemetry, type OpenTelemetry, type TelemetryHarness } from "./telemetry.suite.js";
export { describeTransport, transportCases } from "./transport.suite.js";
export type { OpenTransport, TransportHarness } from "./transport-stage.js";
export { describeUnitOfWork } from "./unit-of-work.suite.js";
export { describeUserStore } from "./user-store.suite.js";
export { describeVault, type OpenVault, type VaultHarness } from "./vault.suite.js";
export { describeWakeUps, type OpenWakeUps, type WakeUpsHarness } from "./wake-ups.suite.js";
export { describeZoneRules, type ZoneRulesCheck, zoneRulesChecks } from "./zone-rules.suite.js";
