import {
  BuryDeadLetters,
  CancelEvent,
  ChangeSchedule,
  claimPlanner,
  CreateSchedule,
  DeleteSchedule,
  DeliverDue,
  DeliverEvents,
  DisableDestination,
  EnableDestination,
  HandOverDue,
  NO_FAILPOINTS,
  PauseSchedule,
  PutSchedule,
  RecomputeZones,
  RedriveEvents,
  RescheduleEvent,
  ResumeSchedule,
  RunSchedule,
  RunScheduler,
  RunWorker,
  Tick,
} from "@punctual/core";
import { Process } from "./process.js";
import type { World } from "./world.js";

/** Starts a process for a role, and another one whenever it died. */
export function keepRunning(world: World, role: (process: Process) => Promise<void>): void {
  const start = () => {
    const process = world.parts.dress(new Process(world, () => world.time.at(world.dice.between(500, 30_000), start)));
    world.enter(process);
    void role(process).catch((error: unknown) => world.watch.broken("bug", String((error as Error).stack ?? error)));
  };
  world.time.at(world.dice.between(0, 500), start);
}

/** The real use cases, on what this process has of the world. */
export function useCases(process: Process) {
  const { world, events, unitOfWork, gate, transport, sender, clock } = process;
  const { recurrence, telemetry, ids, dice, settings } = world;
  const failpoints = NO_FAILPOINTS;
  const plan = claimPlanner(recurrence, settings);
  const rng = { next: () => dice.next() };
  const senders = new Map([[sender.kind, sender]]);
  const handOver = new HandOverDue({ events, transport, plan, clock, telemetry, failpoints });
  const deliver = new DeliverEvents(
    {
      events,
      senders,
      gate,
      disableDestination: new DisableDestination({ unitOfWork }),
      clock,
      rng,
      telemetry,
      failpoints,
    },
    {
      leaseMs: settings.attemptLeaseMs,
      marginMs: 1_000,
      holdMs: settings.shape === "single-stage" ? 8_000 : 2_000,
      flushMs: 5,
      finishBatch: 50,
      troubleMs: 2_000,
      places: 60,
      patienceMs: 1_000,
      stallMs: 100,
    },
  );
  const inPlace = new DeliverDue({ events, plan, deliver, clock, telemetry });
  const { leaseMs, lookAheadMs } = settings;
  return {
    scheduler: () =>
      new RunScheduler(
        {
          events,
          handOver: settings.shape === "in-place" ? inPlace : handOver,
          wakeUps: { next: (signal) => clock.sleep(3_600_000, signal) },
          clock,
          rng,
          telemetry,
        },
        { limit: 20, leaseMs, lookAheadMs, pollMs: settings.pollMs, heartbeatMs: 3_600_000 },
      ),
    tick: (shape: "two-stage" | "single-stage") =>
      new Tick(
        { events, handOver: shape === "two-stage" ? handOver : inPlace, clock, telemetry },
        { limit: 10, leaseMs, lookAheadMs, leastLeftMs: 1_000, holdMs: deliver.holdMs },
      ),
    worker: () => new RunWorker({ transport, deliver }, { maxInFlight: 20, maxBatch: 10 }),
    buryDeadLetters: () => new BuryDeadLetters({ events, telemetry, failpoints }, 2),
    createSchedule: () => new CreateSchedule({ unitOfWork, recurrence, ids, senders }),
    putSchedule: () => new PutSchedule({ unitOfWork, recurrence, ids, senders }),
    changeSchedule: () => new ChangeSchedule({ unitOfWork, recurrence, ids, senders }),
    deleteSchedule: () => new DeleteSchedule({ unitOfWork }),
    pauseSchedule: () => new PauseSchedule({ unitOfWork }),
    resumeSchedule: () => new ResumeSchedule({ unitOfWork }),
    runSchedule: () => new RunSchedule({ unitOfWork, recurrence, ids }),
    cancelEvent: () => new CancelEvent({ unitOfWork, recurrence }),
    rescheduleEvent: () => new RescheduleEvent({ unitOfWork, recurrence }),
    redriveEvents: () => new RedriveEvents({ unitOfWork }),
    disableDestination: () => new DisableDestination({ unitOfWork }),
    enableDestination: () => new EnableDestination({ unitOfWork }),
    recomputeZones: () => new RecomputeZones({ unitOfWork, recurrence, telemetry, failpoints }),
  };
}

export async function scheduler(process: Process): Promise<void> {
  const { shape, tickMs } = process.world.settings;
  if (shape === "long-running" || shape === "in-place") return useCases(process).scheduler().run(process.abort.signal);
  for (;;) {
    try {
      await useCases(process)
        .tick(shape)
        .run(tickMs - 3_000);
    } catch {
      // The trigger calls again, as a cloud's would.
    }
    await process.clock.sleep(process.world.dice.between(1_000, tickMs));
  }
}

export async function worker(process: Process): Promise<void> {
  return useCases(process).worker().run(process.abort.signal);
}

/** Empties the dead letters, again and again. */
export async function undertaker(process: Process): Promise<void> {
  const { queue, counts } = process.world;
  for (;;) {
    await process.clock.sleep(15_000);
    const letters = queue.deadLetters.splice(0);
    counts.deadLetters += letters.length;
    if (letters.length === 0) continue;
    try {
      await Promise.all(useCases(process).buryDeadLetters().handle(letters));
    } catch {
      queue.deadLetters.push(...letters);
    }
  }
}
