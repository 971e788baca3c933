import { ContainerModule, type ServiceIdentifier } from "inversify";
import { claimPlanner, PLAN_DEFAULTS, type PlanOptions } from "./events/plan-claim.js";
import type { Clock } from "./ports/clock.js";
import type { DataKeys } from "./ports/data-keys.js";
import type { DestinationGate } from "./ports/destination-gate.js";
import type { EventStore, PlanClaim } from "./ports/event-store.js";
import type { Failpoints } from "./ports/failpoints.js";
import type { Ids } from "./ports/ids.js";
import type { Rng } from "./ports/rng.js";
import type { Sender } from "./ports/sender.js";
import type { Signatures } from "./ports/signatures.js";
import type { Telemetry } from "./ports/telemetry.js";
import type { Transport } from "./ports/transport.js";
import type { UnitOfWork } from "./ports/unit-of-work.js";
import type { Vault } from "./ports/vault.js";
import type { WakeUps } from "./ports/wake-ups.js";
import type { ZoneRules } from "./ports/zone-rules.js";
import { Recurrence } from "./recurrence/recurrence.js";
import type { ScheduleInput } from "./schedules/parse-schedule.js";
import { AcknowledgeEvent } from "./usecases/acknowledge-event.js";
import { BuryDeadLetters } from "./usecases/bury-dead-letters.js";
import { CancelEvent } from "./usecases/cancel-event.js";
import { ChangeDestination } from "./usecases/change-destination.js";
import { ChangeSchedule } from "./usecases/change-schedule.js";
import { ChangeUser } from "./usecases/change-user.js";
import { CreateDestination } from "./usecases/create-destination.js";
import { CreateSchedule } from "./usecases/create-schedule.js";
import { CreateUser } from "./usecases/create-user.js";
import { DeleteDestination } from "./usecases/delete-destination.js";
import { DeleteSchedule } from "./usecases/delete-schedule.js";
import { DeleteUser } from "./usecases/delete-user.js";
import { DELIVER_DEFAULTS, DeliverEvents, type DeliverOptions } from "./usecases/deliver-events.js";
import { DisableDestination } from "./usecases/disable-destination.js";
import { EnableDestination } from "./usecases/enable-destination.js";
import { DeliverDue } from "./usecases/deliver-due.js";
import { FollowEnded } from "./usecases/follow-ended.js";
import { type HandOver, HandOverDue } from "./usecases/hand-over-due.js";
import { ImportSchedules } from "./usecases/import-schedules.js";
import { PauseSchedule } from "./usecases/pause-schedule.js";
import { PreviewOccurrences } from "./usecases/preview-occurrences.js";
import { PutSchedule } from "./usecases/put-schedule.js";
import { Reconcile } from "./usecases/reconcile.js";
import { RecomputeZones } from "./usecases/recompute-zones.js";
import { RedriveEvents } from "./usecases/redrive-events.js";
import { RescheduleEvent } from "./usecases/reschedule-event.js";
import { ResumeSchedule } from "./usecases/resume-schedule.js";
import { RotateSecret } from "./usecases/rotate-secret.js";
import { RunBurial } from "./usecases/run-burial.js";
import { RunSchedule } from "./usecases/run-schedule.js";
import { RunScheduler, type RunSchedulerOptions } from "./usecases/run-scheduler.js";
import { RunWorker } from "./usecases/run-worker.js";
import { SimulateSchedules } from "./usecases/simulate-schedules.js";
import { TestDestination } from "./usecases/test-destination.js";
import { Tick, type TickOptions } from "./usecases/tick.js";
import type { ConsumeOptions } from "./ports/transport.js";

const port = <T>(name: string) => Symbol.for(`punctual.${name}`) as ServiceIdentifier<T>;

/** What adapters bind. */
export const ports = {
  events: port<EventStore>("EventStore"),
  unitOfWork: port<UnitOfWork>("UnitOfWork"),
  transport: port<Transport>("Transport"),
  senders: port<ReadonlyMap<string, Sender>>("Senders"),
  gate: port<DestinationGate>("DestinationGate"),
  vault: port<Vault>("Vault"),
  dataKeys: port<DataKeys>("DataKeys"),
  signatures: port<Signatures>("Signatures"),
  clock: port<Clock>("Clock"),
  ids: port<Ids>("Ids"),
  rng: port<Rng>("Rng"),
  zones: port<ZoneRules>("ZoneRules"),
  telemetry: port<Telemetry>("Telemetry"),
  failpoints: port<Failpoints>("Failpoints"),
  wakeUps: port<WakeUps>("WakeUps"),
};

const recurrence = port<Recurrence>("Recurrence");
const plan = port<PlanClaim>("PlanClaim");

export interface CoreSettings {
  /** Where birthday greetings go. */
  readonly greetings: ScheduleInput["destination"] | null;
  readonly plan?: PlanOptions;
  readonly deliver?: DeliverOptions;
  /** Whether who claims an event delivers it as well, with no transport between: single-stage, or one long-running process. */
  readonly inPlace: boolean;
  readonly tick: Omit<TickOptions, "holdMs">;
  readonly scheduler: RunSchedulerOptions;
  readonly worker: ConsumeOptions;
}

/** Binds every use case to the ports; whoever loads it must have bound those. */
export function coreModule(settings: CoreSettings): ContainerModule {
  const {
    events,
    unitOfWork,
    transport,
    senders,
    gate,
    vault,
    signatures,
    clock,
    ids,
    rng,
    telemetry,
    failpoints,
    wakeUps,
  } = ports;
  return new ContainerModule(({ bind }) => {
    bind(recurrence)
      .toResolvedValue((zones) => new Recurrence(zones), [ports.zones])
      .inSingletonScope();
    bind(plan).toResolvedValue((known) => claimPlanner(known, settings.plan ?? PLAN_DEFAULTS), [recurrence]);

    for (const UseCase of [CreateSchedule, PutSchedule, ChangeSchedule, ImportSchedules] as const) {
      bind<InstanceType<typeof UseCase>>(UseCase).toResolvedValue(
        (unitOfWork, recurrence, ids, senders) => new UseCase({ unitOfWork, recurrence, ids, senders }),
        [unitOfWork, recurrence, ids, senders],
      );
    }
    bind(RunSchedule).toResolvedValue(
      (unitOfWork, recurrence, ids) => new RunSchedule({ unitOfWork, recurrence, ids }),
      [unitOfWork, recurrence, ids],
    );
    for (const UseCase of [CancelEvent, RescheduleEvent, PreviewOccurrences, Reconcile, ChangeUser] as const) {
      bind<InstanceType<typeof UseCase>>(UseCase).toResolvedValue(
        (unitOfWork, recurrence) => new UseCase({ unitOfWork, recurrence }),
        [unitOfWork, recurrence],
      );
    }
    for (const UseCase of [
      FollowEnded,
      PauseSchedule,
      ResumeSchedule,
      DeleteSchedule,
      RedriveEvents,
      DisableDestination,
      EnableDestination,
      DeleteDestination,
      DeleteUser,
    ] as const) {
      bind<InstanceType<typeof UseCase>>(UseCase).toResolvedValue(
        (unitOfWork) => new UseCase({ unitOfWork }),
        [unitOfWork],
      );
    }
    bind(CreateUser).toResolvedValue(
      (unitOfWork, recurrence, ids) => new CreateUser({ unitOfWork, recurrence, ids, greetings: settings.greetings }),
      [unitOfWork, recurrence, ids],
    );
    bind(CreateDestination).toResolvedValue(
      (unitOfWork, ids, senders, vault) => new CreateDestination({ unitOfWork, ids, senders, vault }),
      [unitOfWork, ids, senders, vault],
    );
    bind(ChangeDestination).toResolvedValue(
      (unitOfWork, senders) => new ChangeDestination({ unitOfWork, senders }),
      [unitOfWork, senders],
    );
    bind(RotateSecret).toResolvedValue(
      (unitOfWork, ids, vault) => new RotateSecret({ unitOfWork, ids, vault }),
      [unitOfWork, ids, vault],
    );
    bind(TestDestination).toResolvedValue(
      (unitOfWork, senders, gate, ids, clock) => new TestDestination({ unitOfWork, senders, gate, ids, clock }),
      [unitOfWork, senders, gate, ids, clock],
    );
    bind(AcknowledgeEvent).toResolvedValue(
      (unitOfWork, signatures, rng, clock) => new AcknowledgeEvent({ unitOfWork, signatures, rng, clock }),
      [unitOfWork, signatures, rng, clock],
    );
    bind(SimulateSchedules).toResolvedValue((recurrence) => new SimulateSchedules({ recurrence }), [recurrence]);
    bind(RecomputeZones).toResolvedValue(
      (unitOfWork, recurrence, telemetry, failpoints) =>
        new RecomputeZones({ unitOfWork, recurrence, telemetry, failpoints }),
      [unitOfWork, recurrence, telemetry, failpoints],
    );

    bind(HandOverDue).toResolvedValue(
      (events, transport, plan, clock, telemetry, failpoints) =>
        new HandOverDue({ events, transport, plan, clock, telemetry, failpoints }),
      [events, transport, plan, clock, telemetry, failpoints],
    );
    bind(DeliverEvents)
      .toResolvedValue(
        (events, senders, gate, disableDestination, clock, rng, telemetry, failpoints) =>
          new DeliverEvents(
            { events, senders, gate, disableDestination, clock, rng, telemetry, failpoints },
            settings.deliver ?? DELIVER_DEFAULTS,
          ),
        [events, senders, gate, DisableDestination, clock, rng, telemetry, failpoints],
      )
      .inSingletonScope(); // its queue of endings is shared by all that deliver
    bind(BuryDeadLetters).toResolvedValue(
      (events, telemetry, failpoints) => new BuryDeadLetters({ events, telemetry, failpoints }),
      [events, telemetry, failpoints],
    );
    bind(DeliverDue)
      .toResolvedValue(
        (events, plan, deliver, clock, telemetry) => new DeliverDue({ events, plan, deliver, clock, telemetry }),
        [events, plan, DeliverEvents, clock, telemetry],
      )
      .inSingletonScope();
    const handOver = settings.inPlace ? DeliverDue : HandOverDue;
    const { holdMs } = settings.deliver ?? DELIVER_DEFAULTS;
    bind(Tick).toResolvedValue(
      (events, handOver: HandOver, clock, telemetry) =>
        new Tick({ events, handOver, clock, telemetry }, { holdMs, ...settings.tick }),
      [events, handOver, clock, telemetry],
    );
    bind(RunScheduler).toResolvedValue(
      (events, handOver: HandOver, wakeUps, clock, rng, telemetry) =>
        new RunScheduler({ events, handOver, wakeUps, clock, rng, telemetry }, settings.scheduler),
      [events, handOver, wakeUps, clock, rng, telemetry],
    );
    bind(RunWorker).toResolvedValue(
      (transport, deliver) => new RunWorker({ transport, deliver }, settings.worker),
      [transport, DeliverEvents],
    );
    bind(RunBurial).toResolvedValue(
      (transport, bury) => new RunBurial({ transport, bury }),
      [transport, BuryDeadLetters],
    );
  });
}
