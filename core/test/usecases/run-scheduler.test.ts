import { expect } from "chai";
import { claimPlanner } from "../../src/events/plan-claim.js";
import { SequentialIds } from "../../src/memory/chance.js";
import { MemoryClock } from "../../src/memory/clock.js";
import { MemoryEventStore } from "../../src/memory/event-store.js";
import { MemorySender } from "../../src/memory/sender.js";
import { MemoryTables } from "../../src/memory/tables.js";
import { MemoryTelemetry } from "../../src/memory/telemetry.js";
import { MemoryTransport } from "../../src/memory/transport.js";
import { MemoryUnitOfWork } from "../../src/memory/unit-of-work.js";
import { MemoryWakeUps } from "../../src/memory/wake-ups.js";
import type { EventStore } from "../../src/ports/event-store.js";
import { NO_FAILPOINTS } from "../../src/ports/failpoints.js";
import type { Message, Transport } from "../../src/ports/transport.js";
import type { WakeUps } from "../../src/ports/wake-ups.js";
import { Recurrence } from "../../src/recurrence/recurrence.js";
import { IntlZoneRules } from "../../src/recurrence/zones/intl-zone-rules.js";
import { CreateSchedule } from "../../src/usecases/create-schedule.js";
import { DeliverDue } from "../../src/usecases/deliver-due.js";
import { HandOverDue } from "../../src/usecases/hand-over-due.js";
import { RunScheduler, type RunSchedulerOptions } from "../../src/usecases/run-scheduler.js";
import { passOn, turn } from "../support/pass.js";
import { platform, TENANT, URL } from "../support/platform.js";

const START = new Date("2030-01-01T00:00:00Z");
const recurrence = new Recurrence(new IntlZoneRules({ version: "2030a" }));

const OPTIONS: RunSchedulerOptions = {
  limit: 10,
  leaseMs: 60_000,
  lookAheadMs: 0,
  pollMs: 30_000,
  heartbeatMs: 3_600_000,
};

function setup(of: { options?: Partial<RunSchedulerOptions>; chance?: number; wakeUps?: WakeUps } = {}) {
  const clock = new MemoryClock(START);
  const hints = new MemoryWakeUps();
  const tables = new MemoryTables(clock, NO_FAILPOINTS, () => hints.wake());
  const telemetry = new MemoryTelemetry();
  const store = new MemoryEventStore(tables);
  const queue = new MemoryTransport(clock, { visibilityMs: 3_600_000, maxReceives: 10 });
  /** When it claimed, in milliseconds from the start. */
  const claims: number[] = [];
  const elapsed = () => clock.monotonic();
  // What a test changes of the store and the transport, it changes here.
  const events: EventStore = new MemoryEventStore(tables);
  events.claimDue = (request, plan) => {
    claims.push(elapsed());
    return store.claimDue(request, plan);
  };
  const transport: Transport = {
    capabilities: queue.capabilities,
    send: (messages) => queue.send(messages),
    consume: (options, handle, signal) => queue.consume(options, handle, signal),
    consumeDeadLetters: (handle, signal) => queue.consumeDeadLetters(handle, signal),
  };
  const handOver = new HandOverDue({
    events,
    transport,
    plan: claimPlanner(recurrence),
    clock,
    telemetry,
    failpoints: NO_FAILPOINTS,
  });
  const scheduler = new RunScheduler(
    { events, handOver, wakeUps: of.wakeUps ?? hints, clock, rng: { next: () => of.chance ?? 0.5 }, telemetry },
    { ...OPTIONS, ...of.options },
  );
  const createSchedule = new CreateSchedule({
    unitOfWork: new MemoryUnitOfWork(tables),
    recurrence,
    ids: new SequentialIds(),
    senders: new Map([["http", new MemorySender(clock)]]),
  });
  const stop = new AbortController();
  const run = { ended: false };
  return {
    ...{ clock, tables, store, queue, events, transport, telemetry, claims, hints, stop, run, pass: passOn(clock) },
    /** Adds an event that is due so long after the start. */
    add: async (ms: number) => {
      const at = new Date(START.getTime() + ms).toISOString().slice(0, 19);
      const { schedule } = await createSchedule.run({
        tenant: "main",
        input: { type: "test.due", when: { at }, timeZone: "Etc/UTC", destination: { url: "https://receiver.test/" } },
      });
      return [...tables.eventsOf(schedule.id)][0]?.id ?? "";
    },
    start: async () => {
      void scheduler.run(stop.signal).then(() => (run.ended = true));
      await turn();
    },
  };
}

/** A call that does not come back before it is let go. */
function held<A extends readonly unknown[], T>(call: (...given: A) => Promise<T>) {
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
  return {
    letGo,
    call: async (...given: A) => {
      const result = await call(...given);
      await gate;
      return result;
    },
  };
}

const away = () => Promise.reject(new Error("The store is away"));

describe("RunScheduler", () => {
  it("is woken by what was delivered here and left something to do", async () => {
    const system = platform("2027-01-01T00:00:00Z");
    const { events, plan, deliver, clock, telemetry, rng, pass, sender } = system;
    const handOver = new DeliverDue({ events, plan, deliver, clock, telemetry });
    const wakeUps = { next: (signal: AbortSignal) => clock.sleep(3_600_000, signal) };
    const options = { limit: 10, leaseMs: 30_000, lookAheadMs: 0, pollMs: 20_000, heartbeatMs: 3_600_000 };
    const create = new CreateSchedule(system);
    const input = { type: "x", timeZone: "Etc/UTC", when: { at: "2027-01-01T00:00:05" }, destination: { url: URL } };
    await create.run({ tenant: TENANT, input: { ...input, retry: { initial: "PT1S" } } });
    system.answer((times) => ({ status: times === 1 ? 503 : 200, afterMs: 300 }));
    const stop = new AbortController();
    void new RunScheduler({ events, handOver, wakeUps, clock, rng, telemetry }, options).run(stop.signal);
    await pass(10_000);
    stop.abort();

    expect(sender.received.map(({ request }) => request.attempt)).to.deep.equal([1, 2]);
  });

  describe("while it runs", () => {
    it("sleeps until the next event is due, and no longer", async () => {
      const { add, start, pass, queue, claims } = setup({ options: { pollMs: 3_600_000 } });
      await add(70_000);
      await start();
      await pass(69_999);
      expect(queue.size).to.equal(0);
      await pass(1);
      expect(queue.size).to.equal(1);
      // It looks when it starts, when the event is due, and once more to see that nothing else is.
      expect(claims).to.deep.equal([0, 70_000, 70_000]);
    });

    it("wakes as much before an event is due as it looks ahead", async () => {
      const { add, start, pass, queue, claims } = setup({ options: { lookAheadMs: 20_000, pollMs: 3_600_000 } });
      await add(70_000);
      await start();
      await pass(60_000);
      expect(claims).to.deep.equal([0, 50_000, 50_000]);
      expect(queue.receive(1)).to.deep.equal([]);
      await pass(10_000);
      expect(queue.receive(1)).to.have.length(1);
    });

    it("hands over batch after batch without sleeping while there is more", async () => {
      const { add, start, clock, queue, claims } = setup();
      for (let index = 0; index < 35; index++) await add(1_000);
      clock.advance(1_000);
      await start();
      expect(queue.size).to.equal(35);
      expect(claims).to.deep.equal([1_000, 1_000, 1_000, 1_000, 1_000]);
    });

    it("is woken by a hint", async () => {
      const { add, start, pass, queue } = setup({ options: { pollMs: 3_600_000 } });
      await add(600_000);
      await start();
      await pass(10_000);
      await add(15_000);
      await pass(4_999);
      expect(queue.size).to.equal(0);
      await pass(1);
      expect(queue.size).to.equal(1);
    });

    it("is woken for what is added while it looks", async () => {
      const { add, start, pass, queue, events, store } = setup({ options: { pollMs: 3_600_000 } });
      events.nextWake = async () => {
        events.nextWake = () => store.nextWake();
        const nothing = await store.nextWake();
        await add(5_000);
        return nothing;
      };
      await start();
      await pass(5_000);
      expect(queue.size).to.equal(1);
    });

    it("goes back to sleep after a false hint", async () => {
      const { start, pass, hints, claims } = setup({ options: { pollMs: 3_600_000 } });
      await start();
      for (let round = 0; round < 3; round++) {
        await pass(100);
        hints.wake();
      }
      await pass(1_000);
      expect(claims).to.deep.equal([0, 100, 200, 300]);
    });

    it("finds after a poll's time what nothing hinted at", async () => {
      const { add, start, pass, queue, claims } = setup({ wakeUps: { next: () => new Promise(() => undefined) } });
      await start();
      await pass(10_000);
      await add(11_000);
      await pass(19_999);
      expect(queue.size).to.equal(0);
      await pass(1);
      expect(queue.size).to.equal(1);
      expect(claims.slice(0, 2)).to.deep.equal([0, 30_000]);
    });

    it("polls where hints fail, and says so", async () => {
      const { add, start, pass, queue, claims, telemetry } = setup({
        wakeUps: { next: () => Promise.reject(new Error("LISTEN is broken")) },
      });
      await start();
      await pass(10_000);
      await add(11_000);
      await pass(20_000);
      expect(queue.size).to.equal(1);
      expect(claims).to.have.length(3);
      expect(telemetry.of("trouble").map(({ where }) => where)).to.deep.equal(["wake-ups", "wake-ups"]);
    });

    it("does not hurry after an event that is due and held by another one's transaction", async () => {
      const { start, pass, events, claims, clock } = setup();
      events.nextWake = async () => ({ at: clock.now(), now: clock.now(), ahead: true });
      await start();
      await pass(1_000);
      expect(claims.length).to.be.within(10, 101);
    });
  });

  describe("in trouble", () => {
    for (const [chance, share] of [
      [0, 0.5],
      [0.5, 0.75],
      [0.998, 0.999],
    ] as const) {
      it(`pauses ever longer while the store is away, at a chance of ${chance}`, async () => {
        const { start, pass, events, claims, telemetry, clock } = setup({ chance });
        events.claimDue = () => {
          claims.push(clock.monotonic());
          return away();
        };
        await start();
        await pass(300_000);
        const pauses = claims.slice(1).map((time, index) => time - (claims[index] ?? 0));
        const ceilings = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
        for (const [index, ceiling] of ceilings.entries()) {
          expect(pauses[index], `pause ${index + 1}`).to.be.closeTo(ceiling * share, 1);
        }
        expect(telemetry.of("trouble").length).to.equal(claims.length);
        expect(telemetry.of("trouble")[0]).to.deep.include({ where: "scheduler" });
      });
    }

    it("goes on when the store is back, and begins anew with short pauses", async () => {
      const { add, start, pass, events, claims, clock, queue } = setup({ chance: 0 });
      const { claimDue } = events;
      const fail: EventStore["claimDue"] = () => {
        claims.push(clock.monotonic());
        return away();
      };
      await add(1_000);
      events.claimDue = fail;
      await start();
      await pass(20_000);
      events.claimDue = claimDue;
      await pass(30_000);
      expect(queue.size).to.equal(1);

      events.claimDue = fail;
      claims.length = 0;
      await pass(31_000);
      const [first, second = NaN] = claims;
      expect(second - (first ?? NaN)).to.equal(250);
    });

    it("pauses ever longer where looking ahead fails, too", async () => {
      const { start, pass, events, claims } = setup({ chance: 0 });
      events.nextWake = away;
      await start();
      await pass(10_000);
      expect(claims).to.deep.equal([0, 250, 750, 1_750, 3_750, 7_750]);
    });

    it("leaves no one waiting for hints when looking ahead fails", async () => {
      let waiting = 0;
      const { start, pass, events } = setup({
        wakeUps: {
          next: async (signal) => {
            waiting++;
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
            waiting--;
          },
        },
      });
      events.nextWake = away;
      await start();
      await pass(60_000);
      expect(waiting).to.equal(0);
    });

    it("asks a transport that refuses again after a poll's time, and loses nothing", async () => {
      const { add, start, pass, transport, claims, queue } = setup();
      const { send } = transport;
      transport.send = async (messages) => ({
        accepted: [],
        refused: messages.map((message) => ({ message, reason: "full" })),
      });
      for (let index = 0; index < 3; index++) await add(1_000);
      await start();
      await pass(65_000);
      expect(claims).to.deep.equal([0, 1_000, 31_000, 61_000]);
      transport.send = send;
      await pass(26_000);
      expect(queue.size).to.equal(3);
    });

    it("takes a transport that throws for one that refuses", async () => {
      const { add, start, pass, transport, claims, telemetry } = setup();
      transport.send = away;
      await add(1_000);
      await start();
      await pass(1_000);
      expect(claims).to.deep.equal([0, 1_000]);
      expect(telemetry.of("trouble").map(({ where }) => where)).to.deep.equal(["transport.send"]);
      expect(telemetry.of("handed_over")).to.deep.equal([{ kind: "handed_over", accepted: 0, refused: 1 }]);
    });
  });

  describe("when it is aborted", () => {
    it("does nothing if that was before it began", async () => {
      const { start, stop, run, claims, telemetry } = setup();
      stop.abort();
      await start();
      expect(run.ended).to.equal(true);
      expect(claims).to.deep.equal([]);
      expect(telemetry.facts).to.deep.equal([]);
    });

    it("stops at once while it sleeps", async () => {
      const { start, pass, stop, run, clock } = setup();
      await start();
      await pass(1_000);
      stop.abort();
      await turn();
      expect(run.ended).to.equal(true);
      expect(clock.nextWake, "still asleep").to.equal(null);
    });

    it("stops at once while it pauses after trouble", async () => {
      const { start, pass, stop, run, events, clock } = setup();
      events.claimDue = away;
      await start();
      await pass(60_000);
      stop.abort();
      await turn();
      expect(run.ended).to.equal(true);
      expect(clock.nextWake).to.equal(null);
    });

    it("stops at once while it waits for a transport that refuses", async () => {
      const { add, start, pass, stop, run, transport, clock } = setup();
      transport.send = away;
      await add(1_000);
      await start();
      await pass(1_000);
      stop.abort();
      await turn();
      expect(run.ended).to.equal(true);
      expect(clock.nextWake).to.equal(null);
    });

    it("gives back at once what it was claiming", async () => {
      const { add, start, pass, stop, run, events, store, queue, tables } = setup();
      const id = await add(1_000);
      await start();
      const claiming = held((...given: Parameters<EventStore["claimDue"]>) => store.claimDue(...given));
      events.claimDue = claiming.call;
      await pass(1_000);
      expect(tables.events.get(id)?.state).to.equal("PROCESSING");
      stop.abort();
      await turn();
      expect(run.ended).to.equal(false);
      claiming.letGo();
      await turn();
      expect(run.ended).to.equal(true);
      expect(queue.size).to.equal(0);
      expect(tables.events.get(id)).to.deep.include({ state: "PENDING", wakeAt: new Date(START.getTime() + 1_000) });
    });

    it("waits for what the transport is taking, and for nothing more", async () => {
      const { add, start, pass, stop, run, transport, queue, tables } = setup();
      const ids = [await add(1_000), await add(2_000)];
      await start();
      const sending = held((messages: readonly Message[]) => queue.send(messages));
      transport.send = sending.call;
      await pass(2_000);
      stop.abort();
      sending.letGo();
      await turn();
      expect(run.ended).to.equal(true);
      expect(ids.map((id) => tables.events.get(id)?.state)).to.deep.equal(["PROCESSING", "PENDING"]);
    });

    it("stops while it holds what the transport cannot, and gives it back", async () => {
      const { add, start, pass, stop, run, transport, tables, clock } = setup({ options: { lookAheadMs: 50_000 } });
      Object.assign(transport, { capabilities: { ...transport.capabilities, early: "scheduler", maxDelaySeconds: 0 } });
      const id = await add(40_000);
      await start();
      await pass(1_000);
      expect(tables.events.get(id)?.state).to.equal("PROCESSING");
      stop.abort();
      await turn();
      expect(run.ended).to.equal(true);
      expect(clock.nextWake).to.equal(null);
      expect(tables.events.get(id)).to.deep.include({ state: "PENDING", wakeAt: new Date(START.getTime() + 40_000) });
    });

    it("stops while it looks ahead", async () => {
      const { start, stop, run, events, store, clock } = setup();
      const looking = held(() => store.nextWake());
      events.nextWake = looking.call;
      await start();
      stop.abort();
      looking.letGo();
      await turn();
      expect(run.ended).to.equal(true);
      expect(clock.nextWake).to.equal(null);
    });
  });

  describe("as to its heartbeat", () => {
    it("beats when it starts and then in its rhythm, idle or not", async () => {
      const { start, pass, telemetry } = setup({ options: { pollMs: 1_000, heartbeatMs: 10_000 } });
      await start();
      await pass(60_000);
      expect(telemetry.of("heartbeat")).to.have.length(7);
    });

    it("tells how many are open and due, and how old the oldest is", async () => {
      const { add, start, pass, transport, telemetry, clock } = setup({
        options: { pollMs: 1_000, heartbeatMs: 10_000 },
      });
      transport.send = away;
      await add(1_000);
      await add(3_600_000);
      clock.advance(5_000);
      await start();
      await pass(0);
      expect(telemetry.of("heartbeat")).to.deep.equal([
        { kind: "heartbeat", oldestDueAgeMs: 4_000, due: 1, open: 2, oldestSnapshotMs: 0 },
      ]);
    });

    it("takes a store that does not answer for trouble, and goes on", async () => {
      const { add, start, pass, events, telemetry, queue } = setup({ options: { heartbeatMs: 10_000 } });
      events.backlog = away;
      await add(1_000);
      await start();
      await pass(2_000);
      expect(queue.size).to.equal(1);
      expect(telemetry.of("trouble")).to.have.length(1);
    });
  });
});
