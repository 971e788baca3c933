export {
  Conflict,
  type ConflictCode,
  type ErrorFamily,
  InvalidInput,
  NotFound,
  type Problem,
  SchedulingError,
  Unavailable,
  type UnavailableCode,
} from "./errors.js";
export { Fields, isJsonObject, type Json } from "./input/fields.js";
export { rawField } from "./input/raw-field.js";

export { IntlZoneRules } from "./recurrence/zones/intl-zone-rules.js";
export { TableZoneRules } from "./recurrence/zones/table-zone-rules.js";
export { type Gap, localOf, type Moment, type Overlap, resolve } from "./recurrence/resolve.js";
export { eventIdOf, type OccurrenceKey, parseKey } from "./recurrence/occurrence.js";
export { parseTiming } from "./recurrence/parse-timing.js";
export { type PreviewEntry, previewOf } from "./recurrence/preview.js";
export {
  CompiledTiming,
  compileTiming,
  type Occurrence,
  type OccurrenceNote,
  Recurrence,
} from "./recurrence/recurrence.js";
export { sameTiming, type Timing, TIMING_DEFAULTS, type When } from "./recurrence/timing.js";
export { formatDuration, parseDuration } from "./recurrence/duration.js";
export { formatOffset, formatWall, parseDate, parseWall, type Wall } from "./recurrence/wall.js";

export { parseSchedule, type ScheduleInput, scheduleFields } from "./schedules/parse-schedule.js";
export {
  type CatchUp,
  type IfRunning,
  type LatenessLimit,
  type RetryPolicy,
  type CallbackOwner,
  type Schedule,
  SCHEDULE_DEFAULTS,
  type Segment,
} from "./schedules/schedule.js";
export {
  activeSecrets,
  type Destination,
  DESTINATION_DEFAULTS,
  type SigningSecret,
} from "./destinations/destination.js";
export { isSecret } from "./destinations/secrets.js";
export {
  type DestinationInput,
  inlineKey,
  isSettableHeader,
  parseDestination,
  checkDestinationPatch,
  parseNewDestination,
} from "./destinations/parse-destination.js";
export {
  ask,
  type Breaker,
  BREAKER_DEFAULTS,
  type BreakerAnswer,
  type BreakerOptions,
  failingTooLong,
  newBreaker,
  tell,
} from "./destinations/breaker.js";
export { comeBack, NO_PLACES, type PlacesState, took } from "./destinations/places.js";
export { TurnedAway } from "./destinations/turned-away.js";
export { type RateState, takePlace } from "./destinations/rate.js";
export { type AskForSecret, RecentSecrets } from "./secrets/recent-secrets.js";
export type { User } from "./users/user.js";
export { checkUserPatch, parseUser, type UserInput } from "./users/parse-user.js";

export {
  type Attempt,
  type AttemptError,
  type AttemptTimings,
  type Content,
  eventFrom,
  type EventState,
  isAskedFor,
  isTerminal,
  type LocalTime,
  localTimeOf,
  type NewEvent,
  type Origin,
  type Reason,
  type ScheduledEvent,
  type TerminalState,
} from "./events/event.js";
export * as lifeCycle from "./events/life-cycle.js";
export { claimKey, type ClaimRef } from "./events/life-cycle.js";
export { callbackOf, COMPLETED_TYPE, FAILED_TYPE } from "./events/callback.js";
export { decideDelivery } from "./events/decide-delivery.js";
export { claimPlanner, PLAN_DEFAULTS, type PlanOptions } from "./events/plan-claim.js";
export { renderBody } from "./events/render.js";
export { replan, wallOf } from "./events/replan.js";
export { decideRetry, meaningOf, parseRetryAfter } from "./events/retry.js";

export type { AuditEntry, AuditLog } from "./ports/audit-log.js";
export type { Clock } from "./ports/clock.js";
export type { Admission, DestinationGate, GateChange, GateRequest, GateResult } from "./ports/destination-gate.js";
export type { DataKeys } from "./ports/data-keys.js";
export type { DestinationStore } from "./ports/destination-store.js";
export type { EndedEvents, EndedPage, EndedQuery, EndPlace } from "./ports/ended-events.js";
export type { EventQuery, EventRecords } from "./ports/event-records.js";
export type {
  Backlog,
  BeginReport,
  Begun,
  Claim,
  ClaimPlan,
  ClaimReport,
  ClaimRequest,
  ClaimVerdict,
  DueEvent,
  DeliveredSchedule,
  Ending,
  EventStore,
  NextWake,
  Outcome,
  PlanClaim,
  PlannedSchedule,
  TakeReport,
  TakeRequest,
  TellOthers,
  WaitingEvent,
} from "./ports/event-store.js";
export { type Failpoint, type Failpoints, NO_FAILPOINTS } from "./ports/failpoints.js";
export { type IdempotencyKeys, isIdempotencyKey, type KeptReply } from "./ports/idempotency-keys.js";
export type { Ids } from "./ports/ids.js";
export type { Rng } from "./ports/rng.js";
export type { ScheduleQuery, ScheduleStore } from "./ports/schedule-store.js";
export { SecretNotFound, type Secrets, type SecretsOptions } from "./ports/secrets.js";
export type { OutgoingRequest, Sender, SendResult, UrlObjection, UrlRule } from "./ports/sender.js";
export type { SignedMessage, Signatures } from "./ports/signatures.js";
export { rootSpanOf } from "./events/trace.js";
export {
  type Count,
  type Lateness,
  MOST_COUNTED,
  type Stats,
  STATS_BACK_MS,
  STATS_MINUTES,
  type StatsReader,
} from "./ports/stats.js";
export { type Fact, NO_TELEMETRY, type Telemetry } from "./ports/telemetry.js";
export type {
  ConsumeOptions,
  DeadLetter,
  DeadLetterHandler,
  Message,
  MessageHandler,
  MessageVerdict,
  SendReport,
  Transport,
  TransportCapabilities,
} from "./ports/transport.js";
export type { Reader, Transaction, UnitOfWork } from "./ports/unit-of-work.js";
export type { UserStore } from "./ports/user-store.js";
export type { Vault } from "./ports/vault.js";
export type { WakeUps } from "./ports/wake-ups.js";
export type { ZoneRules, ZoneSpan } from "./ports/zone-rules.js";

export { AcknowledgeEvent } from "./usecases/acknowledge-event.js";
export { BatchQueue, type BatchQueueOptions } from "./usecases/batch-queue.js";
export { BuryDeadLetters } from "./usecases/bury-dead-letters.js";
export { CancelEvent } from "./usecases/cancel-event.js";
export { ChangeDestination } from "./usecases/change-destination.js";
export { ChangeSchedule } from "./usecases/change-schedule.js";
export { ChangeUser } from "./usecases/change-user.js";
export { CreateDestination, type WithSecret } from "./usecases/create-destination.js";
export { type CreatedSchedule, CreateSchedule, newSchedule } from "./usecases/create-schedule.js";
export { CreateUser } from "./usecases/create-user.js";
export { DeleteDestination } from "./usecases/delete-destination.js";
export { DeleteSchedule } from "./usecases/delete-schedule.js";
export { DeleteUser } from "./usecases/delete-user.js";
export { DeliverDue } from "./usecases/deliver-due.js";
export { DELIVER_DEFAULTS, DeliverEvents, type DeliverOptions } from "./usecases/deliver-events.js";
export { DisableDestination } from "./usecases/disable-destination.js";
export { EnableDestination } from "./usecases/enable-destination.js";
export { type HandOver, type HandOverBatch, HandOverDue, type HandOverReport } from "./usecases/hand-over-due.js";
export { type ImportProgress, ImportSchedules, LONGEST_LINE } from "./usecases/import-schedules.js";
export { PauseSchedule } from "./usecases/pause-schedule.js";
export { type Preview, PreviewOccurrences } from "./usecases/preview-occurrences.js";
export { PutSchedule } from "./usecases/put-schedule.js";
export { FollowEnded, type FollowedPage, type FollowRequest } from "./usecases/follow-ended.js";
export { Reconcile, type ReconcileReport } from "./usecases/reconcile.js";
export { RecomputeZones, type RecomputeReport } from "./usecases/recompute-zones.js";
export { RedriveEvents } from "./usecases/redrive-events.js";
export { RescheduleEvent } from "./usecases/reschedule-event.js";
export { ResumeSchedule } from "./usecases/resume-schedule.js";
export { RotateSecret } from "./usecases/rotate-secret.js";
export { RunBurial } from "./usecases/run-burial.js";
export { RunSchedule } from "./usecases/run-schedule.js";
export { RunScheduler, type RunSchedulerOptions } from "./usecases/run-scheduler.js";
export { RunWorker } from "./usecases/run-worker.js";
export { type SimulatedEvent, SimulateSchedules } from "./usecases/simulate-schedules.js";
export { TEST_TYPE, TestDestination, type TestReport } from "./usecases/test-destination.js";
export { Tick, type TickOptions, type TickReport } from "./usecases/tick.js";
