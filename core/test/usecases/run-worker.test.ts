import { expect } from "chai";
import { claimPlanner } from "../../src/events/plan-claim.js";
import { SequentialIds } from "../../src/memory/chance.js";
import { MemoryClock } from "../../src/memory/clock.js";
import { MemoryDestinationGate } from "../../src/memory/destination-gate.js";
import { MemoryEventStore } from "../../src/memory/event-store.js";
import { type Answer, MemorySender } from "../../src/memory/sender.js";
import { MemoryTables } from "../../src/memory/tables.js";
import { MemoryTelemetry } from "../../src/memory/telemetry.js";
import { MemoryTransport } from "../../src/memory/transport.js";
import { MemoryUnitOfWork } from "../../src/memory/unit-of-work.js";
import type { EventStore } from "../../src/ports/event-store.js";
import { NO_FAILPOINTS } from "../../src/ports/failpoints.js";
import type { ConsumeOptions, TransportCapabilities } from "../../src/ports/transport.js";
import { Recurrence } from "../../src/recurrence/recurrence.js";
import { IntlZoneRules } from "../../src/recurrence/zones/intl-zone-rules.js";
import { CreateSchedule } from "../../src/usecases/create-schedule.js";
import { DeliverEvents } from "../../src/usecases/deliver-events.js";
import { DisableDestination } from "../../src/usecases/disable-destination.js";
import { HandOverDue } from "../../src/usecases/hand-over-due.js";
import { RunWorker } from "../../src/usecases/run-worker.js";
import { passOn, turn } from "../support/pass.js";

const START = new Date("2030-01-01T00:00:00Z");
const URL = "https://receiver.test/";
const recurrence = new Recurrence(new IntlZoneRules({ version: "2030a" }));

/** A queue that cannot delay: what is early is held by the worker. */
class PromptTransport extends MemoryTransport {
  override readonly capabilities: TransportCapabilities = {
    ...new MemoryTransport(new MemoryClock(START)).capabilities,
    maxDelaySeconds: 0,
    early: "worker",
  };
}

function setup(of: { options?: Partial<ConsumeOptions>; answer?: Answer; Transport?: typeof MemoryTransport } = {}) {
  const clock = new MemoryClock(START);
  const tables = new MemoryTables(clock);
  const telemetry = new MemoryTelemetry();
  const store = new MemoryEventStore(tables);
  const events: EventStore = new MemoryEventStore(tables); // a test changes methods of it
  const unitOfWork = new MemoryUnitOfWork(tables);
  const Transport = of.Transport ?? MemoryTransport;
  const queue = new Transport(clock, { visibilityMs: 60_000, maxReceives: 5 });
  const sender = new MemorySender(clock);
  sender.listen(URL, () => of.answer ?? { status: 200 });
  const senders = new Map([[sender.kind, sender]]);
  const failpoints = NO_FAILPOINTS;
  const deliver = new DeliverEvents({
    events,
    senders,
    gate: new MemoryDestinationGate(clock),
    disableDestination: new DisableDestination({ unitOfWork }),
    clock,
    rng: { next: () => 0.5 },
    telemetry,
    failpoints,
  });
  const plan = claimPlanner(recurrence);
  const handOver = new HandOverDue({ events: store, transport: queue, plan, clock, telemetry, failpoints });
  const worker = new RunWorker({ transport: queue, deliver }, { maxInFlight: 10, maxBatch: 10, ...of.options });
  const createSchedule = new CreateSchedule({ unitOfWork, recurrence, ids: new SequentialIds(), senders });
  const stop = new AbortController();
  const run = { ended: false };
  const input = { type: "test.due", timeZone: "Etc/UTC", destination: { url: URL } };
  return {
    ...{ clock, tables, store, events, queue, sender, telemetry, stop, run, pass: passOn(clock) },
    event: (id: string) => tables.events.get(id),
    /** Adds an event that is due so long after the start. */
    add: async (ms: number) => {
      const when = { at: new Date(START.getTime() + ms).toISOString().slice(0, 19) };
      const { schedule } = await createSchedule.run({ tenant: "main", input: { ...input, when } });
      return [...tables.eventsOf(schedule.id)][0]?.id ?? "";
    },
    handOver: (lookAheadMs = 0) => handOver.run({ limit: 100, leaseMs: 60_000, lookAheadMs }),
    start: async () => {
      void worker.run(stop.signal).then(() => (run.ended = true));
      await turn();
    },
  };
}

describe("RunWorker", () => {
  it("delivers what the transport brings, whenever that comes", async () => {
    const { add, handOver, start, pass, event, queue, sender } = setup();
    const [early, late] = [await add(1_000), await add(61_000)];
    await start();
    for (let second = 0; second < 62; second++) {
      await pass(1_000);
      await handOver();
    }
    await pass(10);
    expect([early, late].map((id) => event(id)?.state)).to.deep.equal(["COMPLETED", "COMPLETED"]);
    expect(sender.received).to.have.length(2);
    expect(queue.size).to.equal(0);
  });

  it("has no more under way than it may", async () => {
    const { add, handOver, start, pass, sender, clock, tables } = setup({
      options: { maxInFlight: 3, maxBatch: 2 },
      answer: { status: 200, afterMs: 1_000 },
    });
    for (let index = 0; index < 12; index++) await add(1_000);
    clock.advance(1_000);
    await handOver();
    await start();
    await pass(500);
    expect(sender.received).to.have.length(3);
    await pass(10_000);
    expect(sender.received).to.have.length(12);
    expect([...tables.open]).to.deep.equal([]);
    for (const { at } of sender.received) {
      const within = sender.received.filter((one) => one.at >= at && one.at.getTime() < at.getTime() + 1_000);
      expect(within.length).to.be.at.most(3);
    }
  });

  it("offers a message again whose event the store could not give", async () => {
    const { add, handOver, start, pass, event, events, store, sender, telemetry, clock } = setup();
    const id = await add(1_000);
    clock.advance(1_000);
    await handOver();
    events.begin = () => Promise.reject(new Error("The store is away"));
    await start();
    await pass(5_000);
    expect(sender.received).to.deep.equal([]);
    expect(telemetry.of("trouble").map(({ where }) => where)).to.include("deliver");
    events.begin = (claims, leaseMs) => store.begin(claims, leaseMs);
    await pass(2_010);
    expect(event(id)?.state).to.equal("COMPLETED");
    expect(sender.received).to.have.length(1);
  });

  it("acknowledges a second copy of a message without a second request", async () => {
    const { add, handOver, start, pass, queue, sender, clock, telemetry } = setup();
    await add(1_000);
    clock.advance(1_000);
    await handOver();
    const [copy] = queue.receive(1);
    if (copy !== undefined) await queue.send([copy.message]);
    copy?.settle({ kind: "retry", inMs: 0 });
    await start();
    await pass(1_000);
    expect(sender.received).to.have.length(1);
    expect(queue.size).to.equal(0);
    expect(telemetry.of("lost").length).to.be.at.most(1);
  });

  describe("when it is aborted", () => {
    it("stops at once while it waits for messages", async () => {
      const { start, pass, stop, run, clock } = setup();
      await start();
      await pass(100_000);
      stop.abort();
      await turn();
      expect(run.ended).to.equal(true);
      expect(clock.nextWake, "still asleep").to.equal(null);
    });

    it("does nothing if that was before it began", async () => {
      const { add, handOver, start, stop, run, queue, sender, clock } = setup();
      await add(1_000);
      clock.advance(1_000);
      await handOver();
      stop.abort();
      await start();
      expect(run.ended).to.equal(true);
      expect(sender.received).to.deep.equal([]);
      expect(queue.receive(10)).to.have.length(1);
    });

    it("ends the requests that are under way, and takes no new message", async () => {
      const { add, handOver, start, pass, stop, run, event, queue, sender, clock } = setup({
        options: { maxInFlight: 2 },
        answer: { status: 200, afterMs: 3_000 },
      });
      const ids = [await add(1_000), await add(1_000), await add(1_000)];
      clock.advance(1_000);
      await handOver();
      await start();
      await pass(1_000);
      stop.abort();
      await pass(1_900);
      expect(run.ended).to.equal(false);
      await pass(200);
      expect(run.ended).to.equal(true);
      expect(ids.map((id) => event(id)?.state).sort()).to.deep.equal(["COMPLETED", "COMPLETED", "PROCESSING"]);
      expect(sender.received).to.have.length(2);
      expect(queue.size, "left for another worker").to.equal(1);
    });

    it("ends what is under way also where the store fails, and leaves it to the lease", async () => {
      const { add, handOver, start, pass, stop, run, event, events, queue, clock } = setup({
        answer: { status: 200, afterMs: 3_000 },
      });
      const id = await add(1_000);
      clock.advance(1_000);
      await handOver();
      await start();
      events.finish = () => Promise.reject(new Error("The store is away"));
      await pass(1_000);
      stop.abort();
      await pass(2_100);
      expect(run.ended).to.equal(true);
      expect(event(id)).to.deep.include({ state: "PROCESSING", begunAt: new Date(START.getTime() + 1_000) });
      expect(queue.size).to.equal(1);
    });

    it("gives back until its time what it holds, without a request", async () => {
      const { add, handOver, start, pass, stop, run, event, queue, sender } = setup({ Transport: PromptTransport });
      const id = await add(4_000);
      await handOver(4_000);
      await start();
      await pass(1_000);
      expect(event(id)).to.deep.include({ state: "PROCESSING", begunAt: null });
      stop.abort();
      await pass(100);
      expect(run.ended).to.equal(true);
      expect(sender.received).to.deep.equal([]);
      expect(queue.size).to.equal(0);
      expect(event(id)).to.deep.include({ state: "PENDING", begunAt: null, attempt: 0 });
      // Never before its time, and after it by no more than an ending waits for others.
      expect((event(id)?.wakeAt?.getTime() ?? NaN) - START.getTime()).to.be.within(4_000, 4_005);
    });

    it("sends on time what it holds while it is not aborted", async () => {
      const { add, handOver, start, pass, event, sender } = setup({ Transport: PromptTransport });
      const id = await add(4_000);
      await handOver(4_000);
      await start();
      await pass(3_999);
      expect(sender.received).to.deep.equal([]);
      await pass(100);
      expect(sender.received.map(({ at }) => at)).to.deep.equal([new Date(START.getTime() + 4_000)]);
      expect(event(id)).to.deep.include({ state: "COMPLETED", latenessMs: 0 });
    });
  });
});
