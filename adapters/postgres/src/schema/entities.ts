import { AttemptEntity } from "./attempt.js";
import { AuditEntryEntity } from "./audit-entry.js";
import { DestinationEntity } from "./destination.js";
import { DestinationGateEntity, GateLeaseEntity } from "./destination-gate.js";
import { EventEntity, FinishedEventEntity } from "./event.js";
import { IdempotencyKeyEntity } from "./idempotency-key.js";
import { ScheduleEntity } from "./schedule.js";
import { UserEntity } from "./user.js";

/** Every table, as an object. A test compares them with what the migrations make. */
export const entities = [
  ScheduleEntity,
  DestinationEntity,
  UserEntity,
  EventEntity,
  FinishedEventEntity,
  AttemptEntity,
  IdempotencyKeyEntity,
  AuditEntryEntity,
  DestinationGateEntity,
  GateLeaseEntity,
];
