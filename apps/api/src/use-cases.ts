import {
  AcknowledgeEvent,
  CancelEvent,
  ChangeDestination,
  ChangeSchedule,
  ChangeUser,
  type Clock,
  CreateDestination,
  CreateSchedule,
  CreateUser,
  DeleteDestination,
  DeleteSchedule,
  DeleteUser,
  type DestinationGate,
  DisableDestination,
  EnableDestination,
  FollowEnded,
  type Ids,
  ImportSchedules,
  PauseSchedule,
  PreviewOccurrences,
  PutSchedule,
  Reconcile,
  type Recurrence,
  RedriveEvents,
  RescheduleEvent,
  ResumeSchedule,
  RotateSecret,
  RunSchedule,
  type ScheduleInput,
  type Rng,
  type Sender,
  type Signatures,
  TestDestination,
  type UnitOfWork,
  type Vault,
} from "@punctual/core";

export interface UseCaseDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
  readonly ids: Ids;
  readonly senders: ReadonlyMap<string, Sender>;
  readonly vault: Vault;
  readonly gate: DestinationGate;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly signatures: Signatures;
  /** Where birthday greetings go; null where nobody has said it yet. */
  readonly greetings: ScheduleInput["destination"] | null;
  /** At what time of a birthday; nine in the morning, if left out. */
  readonly greetingTime?: string;
}

export type UseCases = ReturnType<typeof useCasesOf>;

/** What routes call. Made for a unit of work: that of a request with an idempotency key does its work once. */
export function useCasesOf(deps: UseCaseDeps) {
  return {
    unitOfWork: deps.unitOfWork,
    recurrence: deps.recurrence,
    createSchedule: new CreateSchedule(deps),
    putSchedule: new PutSchedule(deps),
    changeSchedule: new ChangeSchedule(deps),
    deleteSchedule: new DeleteSchedule(deps),
    pauseSchedule: new PauseSchedule(deps),
    resumeSchedule: new ResumeSchedule(deps),
    runSchedule: new RunSchedule(deps),
    importSchedules: new ImportSchedules(deps),
    reconcile: new Reconcile(deps),
    acknowledgeEvent: new AcknowledgeEvent(deps),
    previewOccurrences: new PreviewOccurrences(deps),
    cancelEvent: new CancelEvent(deps),
    rescheduleEvent: new RescheduleEvent(deps),
    redriveEvents: new RedriveEvents(deps),
    createDestination: new CreateDestination(deps),
    changeDestination: new ChangeDestination(deps),
    deleteDestination: new DeleteDestination(deps),
    enableDestination: new EnableDestination(deps),
    disableDestination: new DisableDestination(deps),
    rotateSecret: new RotateSecret(deps),
    testDestination: new TestDestination(deps),
    createUser: new CreateUser(deps),
    changeUser: new ChangeUser(deps),
    deleteUser: new DeleteUser(deps),
    followEnded: new FollowEnded(deps),
    clock: deps.clock,
    now: () => deps.clock.now(),
  };
}
