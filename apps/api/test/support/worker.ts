import { claimPlanner, DELIVER_DEFAULTS, DeliverDue, DeliverEvents, DisableDestination } from "@punctual/core";
import { IntlZoneRules, NO_FAILPOINTS, NO_TELEMETRY, Recurrence } from "@punctual/core";
import { MemoryDestinationGate, MemoryEventStore, MemoryUnitOfWork, SeededRng } from "@punctual/core/memory";
import type { EventStore, UnitOfWork } from "@punctual/core";
import type { Desk } from "./desk.js";

const BATCH = { limit: 100, leaseMs: 30_000, lookAheadMs: 0 };

export interface WorkerStores {
  readonly events: EventStore;
  readonly unitOfWork: UnitOfWork;
}

/** A worker on the tables of a desk: what is due by the desk's clock is sent to its receivers. */
export function workerOf(
  { tables, sender, clock }: Pick<Desk, "tables" | "sender" | "clock">,
  { events, unitOfWork }: WorkerStores = {
    events: new MemoryEventStore(tables),
    unitOfWork: new MemoryUnitOfWork(tables),
  },
) {
  const quiet = { clock, telemetry: NO_TELEMETRY };
  const deliver = new DeliverEvents(
    {
      ...quiet,
      events,
      senders: new Map([[sender.kind, sender]]),
      gate: new MemoryDestinationGate(clock),
      disableDestination: new DisableDestination({ unitOfWork }),
      rng: new SeededRng(5),
      failpoints: NO_FAILPOINTS,
    },
    DELIVER_DEFAULTS,
  );
  const plan = claimPlanner(new Recurrence(new IntlZoneRules({ version: process.versions.tz ?? "unknown" })));
  const due = new DeliverDue({ ...quiet, events, plan, deliver });

  /** Begins what is due; requests whose receivers take their time are under way until `settle`. */
  const begin = async () => {
    await due.run(BATCH);
    await turn();
  };
  const settle = async () => {
    while (due.busy) {
      clock.advanceTo(clock.nextWake ?? clock.now());
      await turn();
    }
  };
  return {
    begin,
    settle,
    /** Moves the clock from one event that wants attention to the next, and delivers. */
    until: async (time: string) => {
      const end = new Date(time);
      for (;;) {
        await begin();
        await settle();
        const wake = await events.nextWake();
        if (wake === null || wake.at > end) break;
        clock.advanceTo(wake.at);
      }
      clock.advanceTo(end);
    },
  };
}

/** Lets everything run that waits for nothing but its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
