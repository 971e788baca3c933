import { expect } from "chai";
import type { MemoryTransport } from "../../src/memory/transport.js";
import type { Transport, TransportCapabilities } from "../../src/ports/transport.js";
import { DeliverDue } from "../../src/usecases/deliver-due.js";
import { RunWorker } from "../../src/usecases/run-worker.js";
import { Tick, type TickOptions } from "../../src/usecases/tick.js";
import type { PlatformOptions } from "../support/platform.js";
import { failureOf, HOUR, scene } from "./support/scene.js";

type Shape = "two-stage" | "single-stage";

describe("Tick", () => {
  const NINE = "2027-01-01T09:00:00.000Z";
  const FIVE_LATER = "2027-01-01T09:00:05.000Z";
  const BUDGET = 50_000;

  /** Some schedules due at nine, and the clock near it; workers run beside if the shape has two stages. */
  function setup(options: Partial<TickOptions> & { shape?: Shape } = {}, given: PlatformOptions = {}) {
    const whole = scene("2027-01-01T00:00:00Z", given);
    const { events, plan, handOver, deliver, telemetry, transport } = whole.system;
    const { clock, schedule, pass } = whole;
    const { shape = "two-stage", ...rest } = options;
    const all: TickOptions = {
      ...{ limit: 100, leaseMs: 30_000, lookAheadMs: 60_000, leastLeftMs: 1_000, holdMs: deliver.holdMs },
      ...rest,
    };
    const inPlace = new DeliverDue({ events, plan, deliver, clock, telemetry });
    const tick = new Tick({ events, handOver: shape === "two-stage" ? handOver : inPlace, clock, telemetry }, all);
    const workers = new AbortController();
    /** Runs a tick while its time passes. */
    const run = async (budgetMs = BUDGET, signal?: AbortSignal) => {
      const report = tick.run(budgetMs, signal);
      report.catch(() => undefined); // told below
      await pass(budgetMs);
      return report;
    };
    return {
      ...whole,
      ...{ tick, run, telemetry },
      due: async (count: number, at = NINE) => {
        const when = { at: at.replace(".000Z", "Z") };
        for (let number = 0; number < count; number++) await schedule({ when });
      },
      work: () => {
        void new RunWorker({ transport, deliver }, { maxInFlight: 1_000, maxBatch: 100 }).run(workers.signal);
      },
      rest: async () => {
        workers.abort();
        await pass(1);
      },
      ids: () => whole.received().map(({ id }) => id),
    };
  }

  const holdEarly = (early: TransportCapabilities["early"]) => ({
    transport: (queue: MemoryTransport): Transport => ({
      capabilities: { ...queue.capabilities, early, maxDelaySeconds: 0 },
      send: async (messages) => queue.send(messages),
      consume: async (options, handle, signal) => queue.consume(options, handle, signal),
      consumeDeadLetters: (handle, signal) => queue.consumeDeadLetters(handle, signal),
    }),
  });

  it("drains five thousand that are due at once, a hundred a batch", async () => {
    const { due, passTo, run, work, rest, ids, system } = setup();
    await due(5_000);
    await passTo(NINE);
    work();
    const { batches, seen, done, drained } = await run();
    await rest();

    expect({ seen, done, drained }).to.deep.equal({ seen: 5_000, done: 5_000, drained: true });
    expect(batches).to.be.at.least(50);
    expect([ids().length, new Set(ids()).size]).to.deep.equal([5_000, 5_000]);
    expect(new Set(system.states())).to.deep.equal(new Set(["COMPLETED"]));
  });

  it("delivers by itself in a single stage, and nothing goes through the transport", async () => {
    const { due, passTo, run, ids, system } = setup({ shape: "single-stage" });
    await due(250);
    await passTo(NINE);
    system.queue.send = async () => Promise.reject(new Error("Nobody should send"));

    const { seen, ...report } = await run();
    expect(report).to.deep.include({ done: 250, drained: true });
    expect(seen, "some are put off while nothing is known of their destination").to.be.at.least(250);
    expect([ids().length, new Set(ids()).size]).to.deep.equal([250, 250]);
    expect(system.states()).to.deep.equal(Array(250).fill("COMPLETED"));
  });

  it("finds nothing to do, and says so", async () => {
    const { due, run } = setup();
    await due(3);

    expect(await run()).to.deep.equal({ batches: 1, seen: 0, done: 0, drained: true });
  });

  for (const shape of ["two-stage", "single-stage"] as const) {
    it(`takes an event that is due in 40 seconds, and sends it on time, never early: ${shape}`, async () => {
      const { due, passTo, run, work, rest, deliveredAt } = setup({ shape });
      await due(5);
      await passTo("2027-01-01T08:59:20Z");
      if (shape === "two-stage") work();
      await run();
      await rest();

      expect(deliveredAt()).to.deep.equal(Array(5).fill(NINE));
    });

    it(`sends each occurrence of a rule once and on time, tick after tick: ${shape}`, async () => {
      const { schedule, run, work, rest, deliveredAt, proof } = setup({ shape });
      await schedule({ when: { every: "PT20S", start: "2027-01-01T00:00:10Z" } });
      if (shape === "two-stage") work();
      for (let minute = 0; minute < 10; minute++) await run(60_000);
      await rest();

      const times = deliveredAt().map((at) => Date.parse(at) - Date.parse("2027-01-01T00:00:10Z"));
      expect(times).to.have.length(30);
      expect(times.every((time, index) => time >= index * 20_000 && time < index * 20_000 + 2_000)).to.equal(true);
      expect(await proof()).to.deep.include({ delivered: 30, difference: 0 });
    });

    it(`delivers each once, though two ticks run at once: ${shape}`, async () => {
      const { due, passTo, tick, run, work, rest, ids } = setup({ shape });
      await due(1_000);
      await passTo(NINE);
      work();
      const other = tick.run(BUDGET);
      const one = await run();
      await rest();

      expect(one.done + (await other).done).to.equal(1_000);
      expect([ids().length, new Set(ids()).size]).to.deep.equal([1_000, 1_000]);
    });
  }

  it("leaves to the next tick what it would not live to see", async () => {
    const { due, passTo, run, system, deliveredAt } = setup({ shape: "single-stage" });
    await due(1);
    await passTo("2027-01-01T08:59:20Z");
    expect(await run(30_000)).to.deep.include({ seen: 0, done: 0, drained: true });
    expect(system.states()).to.deep.equal(["PENDING"]);
    await run();

    expect(deliveredAt()).to.deep.equal([NINE]);
  });

  for (const early of ["scheduler", "worker"] as const) {
    it(`sends on time where the transport leaves what is early to the ${early}`, async () => {
      const { due, passTo, run, work, rest, deliveredAt } = setup({}, holdEarly(early));
      await due(3);
      await due(2, FIVE_LATER);
      await passTo("2027-01-01T08:59:40Z");
      work();
      await run();
      await rest();

      expect(deliveredAt().map((at) => at.slice(0, 19))).to.deep.equal(
        [NINE, NINE, NINE, FIVE_LATER, FIVE_LATER].map((at) => at.slice(0, 19)),
      );
      expect(deliveredAt().every((at, index) => at >= (index < 3 ? NINE : FIVE_LATER))).to.equal(true);
    });
  }

  it("stops when its time is over, and the next tick goes on: nothing is lost", async () => {
    const { due, passTo, tick, run, clock, system, work, rest, ids } = setup();
    await due(1_000);
    await passTo(NINE);
    work();
    system.failpoints.arm("claim.after_commit", () => clock.advance(2_000));
    const first = await tick.run(10_000);
    system.failpoints.disarm("claim.after_commit");
    const second = await run();
    await rest();

    expect(first).to.deep.include({ batches: 5, seen: 500, drained: false });
    expect(second).to.deep.include({ drained: true });
    expect(first.done + second.done).to.be.at.least(1_000);
    expect([ids().length, new Set(ids()).size]).to.deep.equal([1_000, 1_000]);
  });

  it("begins nothing with less time left than a batch needs", async () => {
    const { due, passTo, run, system } = setup();
    await due(1);
    await passTo(NINE);

    expect(await run(1_000)).to.deep.equal({ batches: 0, seen: 0, done: 0, drained: false });
    expect(system.states()).to.deep.equal(["PENDING"]);
  });

  it("stops when it is told to", async () => {
    const { due, passTo, run, system, work, rest, ids } = setup();
    await due(300);
    await passTo(NINE);
    const stop = new AbortController();
    let claims = 0;
    system.failpoints.arm("claim.before_commit", () => {
      if (++claims === 2) stop.abort();
    });
    work();
    const report = await run(BUDGET, stop.signal);
    await run();
    await rest();

    expect(report).to.deep.include({ batches: 2, seen: 200, drained: false });
    expect([ids().length, new Set(ids()).size]).to.deep.equal([300, 300]);
  });

  it("gives back what it holds when it is told to stop: the next tick sends it on time", async () => {
    const { due, passTo, tick, run, pass, work, rest, system, deliveredAt } = setup({}, holdEarly("scheduler"));
    await due(3);
    await passTo("2027-01-01T08:59:40Z");
    const stop = new AbortController();
    const ticking = tick.run(BUDGET, stop.signal);
    await pass(5_000);
    stop.abort();
    await pass(1);
    expect(await ticking).to.deep.include({ seen: 3 });
    expect(system.states()).to.deep.equal(["PENDING", "PENDING", "PENDING"]);
    work();
    await run();
    await rest();

    expect(deliveredAt()).to.deep.equal([NINE, NINE, NINE]);
  });

  for (const shape of ["two-stage", "single-stage"] as const) {
    it(`passes on that the store is away, and loses nothing by it: ${shape}`, async () => {
      const { due, passTo, run, system, work, rest, ids } = setup({ shape });
      await due(300);
      await passTo(NINE);
      const broken = new Error("The store went away");
      let claims = 0;
      system.failpoints.arm("claim.before_commit", () => {
        if (++claims === 2) throw broken;
      });
      if (shape === "two-stage") work();
      expect(await failureOf(run(20_000))).to.equal(broken);
      system.failpoints.disarm("claim.before_commit");
      await run();
      await run();
      await rest();

      expect([ids().length, new Set(ids()).size]).to.deep.equal([300, 300]);
    });
  }

  it("offers again what a tick that died after its claim had taken", async () => {
    const { due, passTo, run, system, work, rest, ids } = setup();
    await due(100);
    await passTo(NINE);
    const died = new Error("The process was ended");
    system.failpoints.arm("claim.after_commit", () => {
      throw died;
    });
    expect(await failureOf(run(10_000))).to.equal(died);
    system.failpoints.disarm("claim.after_commit");
    work();
    expect(ids()).to.deep.equal([]);
    await run();
    await rest();

    expect([ids().length, new Set(ids()).size]).to.deep.equal([100, 100]);
  });

  it("claims with pauses while the transport is away, and what it could not hand over is not lost", async () => {
    let away = true;
    const sendOnceBack = (queue: MemoryTransport): Transport => ({
      capabilities: queue.capabilities,
      send: async (messages) => {
        if (away) throw new Error("The queue is away");
        return queue.send(messages);
      },
      consume: async (options, handle, signal) => queue.consume(options, handle, signal),
      consumeDeadLetters: (handle, signal) => queue.consumeDeadLetters(handle, signal),
    });
    const { due, passTo, run, work, rest, ids, telemetry } = setup({}, { transport: sendOnceBack });
    await due(10);
    await passTo(NINE);
    expect(await run()).to.deep.include({ done: 0, drained: false });
    expect(telemetry.of("claimed").length).to.be.within(1, 60);
    away = false;
    work();
    expect(await run()).to.deep.include({ done: 10, drained: true });
    await rest();

    expect([ids().length, new Set(ids()).size]).to.deep.equal([10, 10]);
  });

  it("has a failing receiver asked again by a later tick", async () => {
    const { due, passTo, run, answer, pass, system, deliveredAt } = setup({ shape: "single-stage" });
    answer((times) => ({ status: times === 1 ? 503 : 200 }));
    await due(1);
    await passTo(NINE);
    expect(await run(3_000)).to.deep.include({ seen: 1, done: 1 });
    expect(system.states()).to.deep.equal(["PENDING"]);
    await pass(HOUR);
    await run();

    expect(system.states()).to.deep.equal(["COMPLETED"]);
    expect(deliveredAt()).to.have.length(2);
  });

  it("ends with a heartbeat, however it went: how far behind, how many due, how many open", async () => {
    const { due, passTo, run, pass, telemetry, work, rest } = setup();
    await due(5);
    await due(2, "2027-01-02T09:00:00Z");
    await passTo(NINE);
    await pass(10_000);
    await run(1_000);
    work();
    await run();
    await rest();

    expect(telemetry.of("heartbeat")).to.deep.equal([
      { kind: "heartbeat", oldestDueAgeMs: 10_000, due: 5, open: 7, oldestSnapshotMs: 0 },
      { kind: "heartbeat", oldestDueAgeMs: 0, due: 0, open: 2, oldestSnapshotMs: 0 },
    ]);
    expect(telemetry.of("claimed")).to.deep.equal([{ kind: "claimed", count: 5, skipped: 0, planned: 0 }]);
  });

  it("lingers where it is told to, for as long as it is told to, and hands over what comes up meanwhile", async () => {
    for (const [forMs, seen] of [
      [0, 0],
      [5_000, 0],
      [30_000, 1],
    ] as const) {
      const { passTo, tick, due, pass } = setup({ leaseMs: HOUR, linger: { forMs, everyMs: 1_000 } });
      await passTo(NINE);
      const running = tick.run(BUDGET);
      await pass(10_000);
      await due(1, "2027-01-01T09:00:12.000Z");
      await pass(BUDGET);

      expect((await running).seen, `lingers for ${forMs} ms`).to.equal(seen);
    }
  });
});
