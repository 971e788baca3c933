import { claimPlanner } from "../../src/events/plan-claim.js";
import { SeededRng, SequentialIds } from "../../src/memory/chance.js";
import { MemoryClock } from "../../src/memory/clock.js";
import { MemoryDestinationGate } from "../../src/memory/destination-gate.js";
import { MemoryEventStore } from "../../src/memory/event-store.js";
import { MemoryFailpoints } from "../../src/memory/failpoints.js";
import { type Answer, MemorySender } from "../../src/memory/sender.js";
import { MemoryTables } from "../../src/memory/tables.js";
import { MemoryTelemetry } from "../../src/memory/telemetry.js";
import { MemoryTransport } from "../../src/memory/transport.js";
import { MemoryUnitOfWork } from "../../src/memory/unit-of-work.js";
import { MemoryWakeUps } from "../../src/memory/wake-ups.js";
import type { EventStore } from "../../src/ports/event-store.js";
import type { Transport } from "../../src/ports/transport.js";
import { Recurrence } from "../../src/recurrence/recurrence.js";
import { IntlZoneRules } from "../../src/recurrence/zones/intl-zone-rules.js";
import { DELIVER_DEFAULTS, DeliverEvents } from "../../src/usecases/deliver-events.js";
import { DisableDestination } from "../../src/usecases/disable-destination.js";
import { HandOverDue } from "../../src/usecases/hand-over-due.js";
import { RunScheduler } from "../../src/usecases/run-scheduler.js";
import { RunWorker } from "../../src/usecases/run-worker.js";
import { Tick } from "../../src/usecases/tick.js";
import { passOn } from "./pass.js";

export const TENANT = "main";
export const URL = "https://receiver.test/";

const zones = new IntlZoneRules({ version: process.versions.tz ?? "unknown" });
const DAY = 86_400_000;

export interface PlatformOptions {
  readonly transport?: (transport: MemoryTransport) => Transport;
  readonly events?: (events: MemoryEventStore) => EventStore;
}

/** The whole platform in memory: real use cases, a clock that is moved, a receiver that remembers. */
export function platform(start: string, options: PlatformOptions = {}) {
  const clock = new MemoryClock(new Date(start));
  const failpoints = new MemoryFailpoints();
  const wakeUps = new MemoryWakeUps();
  const tables = new MemoryTables(clock, failpoints, () => wakeUps.wake());
  const memoryEvents = new MemoryEventStore(tables);
  const events = options.events?.(memoryEvents) ?? memoryEvents;
  const unitOfWork = new MemoryUnitOfWork(tables);
  const queue = new MemoryTransport(clock);
  const transport = options.transport?.(queue) ?? queue;
  const telemetry = new MemoryTelemetry();
  const sender = new MemorySender(clock);
  const senders = new Map([[sender.kind, sender]]);
  const rng = new SeededRng(7);
  const ids = new SequentialIds();
  const recurrence = new Recurrence(zones);
  const plan = claimPlanner(recurrence);
  const handOver = new HandOverDue({ events, transport, plan, clock, telemetry, failpoints });
  const gate = new MemoryDestinationGate(clock);
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
    DELIVER_DEFAULTS,
  );
  const tick = new Tick(
    { events, handOver, clock, telemetry },
    { limit: 100, leaseMs: 30_000, lookAheadMs: 60_000, leastLeftMs: 1_000, holdMs: deliver.holdMs },
  );
  const pass = passOn(clock);
  let running: { readonly stop: AbortController; readonly loops: Promise<unknown> } | null = null;

  const up = (workers = 1) => {
    const stop = new AbortController();
    const loops = [
      new RunScheduler(
        { events, handOver, wakeUps, clock, rng, telemetry },
        { limit: 500, leaseMs: 30_000, lookAheadMs: 1_000, pollMs: 10 * DAY, heartbeatMs: 365 * DAY },
      ).run(stop.signal),
      ...Array.from({ length: workers }, () =>
        new RunWorker({ transport, deliver }, { maxInFlight: 100, maxBatch: 10 }).run(stop.signal),
      ),
    ];
    running = { stop, loops: Promise.all(loops) };
  };
  const down = async () => {
    running?.stop.abort();
    await pass(60_000);
    await running?.loops;
    running = null;
  };

  return {
    ...{ clock, tables, events, unitOfWork, queue, transport, telemetry, sender, senders, ids, recurrence, failpoints },
    ...{ deliver, handOver, tick, pass, up, down, plan, gate, rng, wakeUps },
    passTo: (time: string) => pass(new Date(time).getTime() - clock.now().getTime()),
    /** What the receiver answers from now on; else it says yes. */
    answer: (receive: (times: number) => Answer, url = URL) => {
      let times = 0;
      sender.listen(url, () => receive(++times));
    },
    /** The requests so far: when, with what. */
    get received() {
      return sender.received.map(({ at, request }) => ({
        at: at.toISOString(),
        id: request.id,
        url: request.destination.url,
        attempt: request.attempt,
        data: (JSON.parse(request.body) as { readonly data: unknown }).data,
      }));
    },
    get deliveredAt(): readonly string[] {
      return sender.received.map(({ at }) => at.toISOString());
    },
    states: () => [...tables.events.values()].map((event) => event.state),
  };
}
