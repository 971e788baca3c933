import { expect } from "chai";
import type { MemoryTransport } from "../../src/memory/transport.js";
import type { Transport, TransportCapabilities } from "../../src/ports/transport.js";
import { RunWorker } from "../../src/usecases/run-worker.js";
import { Tick, type TickOptions } from "../../src/usecases/tick.js";
import type { PlatformOptions } from "../support/platform.js";
import { failureOf, HOUR, scene } from "./support/scene.js";

describe("Tick", () => {
  const NINE = "2027-01-01T09:00:00.000Z";
  const FIVE_LATER = "2027-01-01T09:00:05.000Z";
  const BUDGET = 50_000;

  /** Some schedules due at nine, and the clock near it; workers run beside if the shape has two stages. */
  function setup(options: Partial<TickOptions> = {}, given: PlatformOptions = {}) {
    const whole = scene("2027-01-01T00:00:00Z", given);
    const { events, plan, handOver, deliver, telemetry, transport } = whole.system;
    const { clock, schedule, pass } = whole;
    const all: TickOptions = {
      ...{ shape: "two-stage", limit: 100, leaseMs: 30_000, lookAheadMs: 60_000, leastLeftMs: 1_000 },
      ...options,
    };
    const tick = new Tick({ events, plan, handOver, deliver, clock, telemetry }, all);
    const workers = new AbortController();
    const run = (budgetMs = BUDGET, signal?: AbortSignal) => tick.run(budgetMs, signal);
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
      /** Runs a tick while time passes. */
      runFor: async (ms: number, ...given: Parameters<typeof run>) => {
        const report = run(...given);
        await pass(ms);
        return report;
      },
      ids: () => whole.received().map(({ id }) => id),
    };
  }

  const holdEarly = (early: TransportCapabilities["early"]) => ({
    transport: (queue: MemoryTransport): Transport => ({
      capabilities: { ...queue.capabilities, early, maxDelaySeconds: 0 },
      send: async (messages) => queue.send(messages),
      consume: async (options, handle, signal) => queue.consume(options, handle, signal),
    }),
  });

  it("drains five thousand that are due at once, a hundred a batch", async () => {
    const { due, passTo, run, work, rest, ids, pass, system } = setup();
    await due(5_000);
    await passTo(NINE);
    const report = await run();

    expect(report).to.deep.equal({ batches: 51, seen: 5_000, done: 5_000, drained: true });
    expect(system.queue.size).to.equal(5_000);
    work();
    await pass(1_000);
    await rest();
    expect(new Set(ids()).size).to.equal(5_000);
    expect(ids()).to.have.length(5_000);
  });

  it("delivers by itself in a single stage, and nothing goes through the transport", async () => {
    const { due, passTo, run, ids, system } = setup({ shape: "single-stage" });
    await due(250);
    await passTo(NINE);

    expect(await run()).to.deep.equal({ batches: 4, seen: 250, done: 250, drained: true });
    expect(new Set(ids()).size).to.equal(250);
    expect(system.queue.size).to.equal(0);
    expect(system.states()).to.deep.equal(Array(250).fill("COMPLETED"));
  });

  it("finds nothing to do, and says so", async () => {
    const { due, run } = setup();
    await due(3);

    expect(await run()).to.deep.equal({ batches: 1, seen: 0, done: 0, drained: true });
  });

  for (const shape of ["two-stage", "single-stage"] as const) {
    it(`takes an event that is due in 40 seconds, and sends it on time, never early: ${shape}`, async () => {
      const { due, passTo, runFor, work, rest, deliveredAt } = setup({ shape });
      await due(5);
      await passTo("2027-01-01T08:59:20Z");
      if (shape === "two-stage") work();
      await runFor(39_999);
      expect(deliveredAt()).to.deep.equal([]);
      await runFor(1);
      await rest();

      expect(deliveredAt()).to.deep.equal(Array(5).fill(NINE));
    });

    it(`leaves to the next tick what it would not live to see: ${shape}`, async () => {
      const { due, passTo, run, system } = setup({ shape });
      await due(1);
      await passTo("2027-01-01T08:59:20Z");

      expect(await run(40_000)).to.deep.equal({ batches: 1, seen: 0, done: 0, drained: true });
      expect(system.states()).to.deep.equal(["PENDING"]);
    });

    it(`sends each occurrence of a rule once and on time, tick after tick: ${shape}`, async () => {
      const { schedule, runFor, work, rest, deliveredAt, proof } = setup({ shape });
      await schedule({ when: { every: "PT20S", start: "2027-01-01T00:00:10Z" } });
      if (shape === "two-stage") work();
      for (let minute = 0; minute < 10; minute++) await runFor(60_000, 60_000);
      await rest();

      const times = deliveredAt().map((at) => Date.parse(at) - Date.parse("2027-01-01T00:00:10Z"));
      expect(times).to.have.length(30);
      expect(times.every((time, index) => time >= index * 20_000 && time <= index * 20_000 + 20_000)).to.equal(true);
      expect(await proof()).to.deep.include({ delivered: 30, difference: 0 });
    });

    it(`delivers each once, though two ticks run at once: ${shape}`, async () => {
      const { due, passTo, tick, work, rest, pass, ids } = setup({ shape });
      await due(1_000);
      await passTo(NINE);
      const [one, other] = await Promise.all([tick.run(BUDGET), tick.run(BUDGET)]);
      work();
      await pass(1_000);
      await rest();

      expect(one.done + other.done).to.equal(1_000);
      expect([ids().length, new Set(ids()).size]).to.deep.equal([1_000, 1_000]);
    });
  }

  it("holds what is early itself, where the transport leaves it to the scheduler", async () => {
    const { due, passTo, runFor, run, work, rest, deliveredAt, system, pass } = setup({}, holdEarly("scheduler"));
    await due(3);
    await due(2, FIVE_LATER);
    await passTo("2027-01-01T08:59:40Z");
    work();
    const ticking = run();
    await pass(19_999);
    expect(system.queue.size).to.equal(0);
    await pass(20_000);
    await ticking;
    await runFor(1);
    await rest();

    expect(deliveredAt()).to.deep.equal([NINE, NINE, NINE, FIVE_LATER, FIVE_LATER]);
  });

  it("lets the worker hold what is early, where the transport leaves it to that", async () => {
    const { due, passTo, run, work, rest, deliveredAt, pass } = setup({}, holdEarly("worker"));
    await due(3);
    await passTo("2027-01-01T08:59:20Z");
    expect(await run()).to.deep.include({ seen: 3, done: 3, drained: true });
    work();
    await pass(39_999);
    expect(deliveredAt()).to.deep.equal([]);
    await pass(2);
    await rest();

    expect(deliveredAt()).to.have.length(3);
    expect(deliveredAt().every((at) => at >= NINE && at <= "2027-01-01T09:00:00.001Z")).to.equal(true);
  });

  it("stops when its time is over, and the next tick goes on: nothing is lost", async () => {
    const { due, passTo, run, clock, system, work, rest, pass, ids } = setup();
    await due(1_000);
    await passTo(NINE);
    system.failpoints.arm("claim.after_commit", () => clock.advance(10_000));
    const first = await run();
    system.failpoints.disarm("claim.after_commit");
    const second = await run();
    work();
    await pass(1_000);
    await rest();

    expect(first).to.deep.equal({ batches: 5, seen: 500, done: 500, drained: false });
    expect(second).to.deep.include({ done: 500, drained: true });
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
    const { due, passTo, run, system } = setup();
    await due(300);
    await passTo(NINE);
    const stop = new AbortController();
    let claims = 0;
    system.failpoints.arm("claim.before_commit", () => {
      if (++claims === 2) stop.abort();
    });
    const report = await run(BUDGET, stop.signal);

    expect(report).to.deep.equal({ batches: 2, seen: 200, done: 100, drained: false });
    expect(await run()).to.deep.include({ done: 200, drained: true });
  });

  it("gives back what it holds when it is told to stop: the next tick sends it on time", async () => {
    const { due, passTo, run, runFor, pass, work, rest, deliveredAt } = setup({}, holdEarly("scheduler"));
    await due(3);
    await passTo("2027-01-01T08:59:40Z");
    const stop = new AbortController();
    const ticking = run(BUDGET, stop.signal);
    await pass(5_000);
    stop.abort();
    expect(await ticking).to.deep.include({ seen: 3, done: 0, drained: false });
    work();
    await runFor(15_000);
    await rest();

    expect(deliveredAt()).to.deep.equal([NINE, NINE, NINE]);
  });

  for (const shape of ["two-stage", "single-stage"] as const) {
    it(`passes on that the store is away, and loses nothing by it: ${shape}`, async () => {
      const { due, passTo, run, system, work, rest, pass, ids } = setup({ shape });
      await due(300);
      await passTo(NINE);
      const broken = new Error("The store went away");
      let claims = 0;
      system.failpoints.arm("claim.before_commit", () => {
        if (++claims === 2) throw broken;
      });
      expect(await failureOf(run())).to.equal(broken);
      system.failpoints.disarm("claim.before_commit");

      expect(await run()).to.deep.include({ seen: 200, drained: true });
      work();
      await pass(1_000);
      await rest();
      expect([ids().length, new Set(ids()).size]).to.deep.equal([300, 300]);
    });
  }

  it("offers again what a tick that died after its claim had taken", async () => {
    const { due, passTo, run, system, work, rest, pass, ids } = setup();
    await due(100);
    await passTo(NINE);
    const died = new Error("The process was ended");
    system.failpoints.arm("claim.after_commit", () => {
      throw died;
    });
    expect(await failureOf(run())).to.equal(died);
    system.failpoints.disarm("claim.after_commit");
    work();
    expect(await run()).to.deep.include({ seen: 0 });
    await pass(30_000);
    expect(await run()).to.deep.include({ done: 100 });
    await pass(1_000);
    await rest();

    expect([ids().length, new Set(ids()).size]).to.deep.equal([100, 100]);
  });

  it("stops when the transport is away, rather than claim over and over, and the next tick goes on", async () => {
    let away = true;
    const sendOnceBack = (queue: MemoryTransport): Transport => ({
      capabilities: queue.capabilities,
      send: async (messages) => {
        if (away) throw new Error("The queue is away");
        return queue.send(messages);
      },
      consume: async (options, handle, signal) => queue.consume(options, handle, signal),
    });
    const { due, passTo, run, work, rest, pass, ids } = setup({ limit: 4 }, { transport: sendOnceBack });
    await due(10);
    await passTo(NINE);
    expect(await run()).to.deep.equal({ batches: 1, seen: 4, done: 0, drained: false });
    away = false;
    expect(await run()).to.deep.include({ done: 10, drained: true });
    work();
    await pass(1_000);
    await rest();

    expect([ids().length, new Set(ids()).size]).to.deep.equal([10, 10]);
  });

  it("has a failing receiver asked again by a later tick", async () => {
    const { due, passTo, run, answer, pass, system, deliveredAt } = setup({ shape: "single-stage" });
    answer((times) => ({ status: times === 1 ? 503 : 200 }));
    await due(1);
    await passTo(NINE);
    expect(await run()).to.deep.include({ seen: 1, done: 1 });
    expect(system.states()).to.deep.equal(["PENDING"]);
    await pass(HOUR);
    await run();

    expect(system.states()).to.deep.equal(["COMPLETED"]);
    expect(deliveredAt()).to.have.length(2);
  });

  it("ends with a heartbeat, however it went: how far behind, how many due, how many open", async () => {
    const { due, passTo, run, pass, telemetry } = setup();
    await due(5);
    await due(2, "2027-01-02T09:00:00Z");
    await passTo(NINE);
    await pass(10_000);
    await run(1_000);
    await run();

    expect(telemetry.of("heartbeat")).to.deep.equal([
      { kind: "heartbeat", oldestDueAgeMs: 10_000, due: 5, open: 7 },
      { kind: "heartbeat", oldestDueAgeMs: 0, due: 0, open: 7 },
    ]);
    expect(telemetry.of("claimed")).to.deep.equal([{ kind: "claimed", count: 5, skipped: 0, planned: 0 }]);
  });
});
