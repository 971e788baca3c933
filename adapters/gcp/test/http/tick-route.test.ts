import { failureOf, NOON, passOn, turn } from "@punctual/adapter-sdk/testing";
import type { TickReport } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import type { Asked } from "../../src/http/service.js";
import { tickRoute } from "../../src/http/tick-route.js";

const REPORT: TickReport = { batches: 1, seen: 2, done: 2, drained: true };

function setup(deps: { readonly tickMs?: number; readonly maintain?: (signal: AbortSignal) => Promise<void> } = {}) {
  const clock = new MemoryClock(NOON);
  const calls: string[] = [];
  const budgets: number[] = [];
  const at = (what: string) => void calls.push(`${what} ${clock.monotonic()}`);
  const stop = new AbortController();
  const state: { failure: Error | null } = { failure: null };
  const stuck = { now: false };
  const handle = tickRoute({
    tick: {
      run: async (budgetMs, signal) => {
        budgets.push(budgetMs);
        await clock.sleep(deps.tickMs ?? 0, stuck.now ? undefined : signal);
        if (state.failure !== null) throw state.failure;
        at("ticked");
        return REPORT;
      },
    },
    maintain: async (signal) => {
      await deps.maintain?.(signal);
      at("maintained");
    },
    ...{ clock, deadlineMs: 60_000, leastMs: 5_000 },
  });
  const asked: Asked = {
    ...{ caller: { email: "x" }, headers: {}, body: "", json: () => null, traceparent: null },
    stopping: stop.signal,
  };
  return { clock, calls, budgets, stop, state, stuck, pass: passOn(clock), ask: async () => handle(asked) };
}

describe("tickRoute", () => {
  it("runs a tick in the time that Cloud Scheduler waits but for a margin, and answers with its counts", async () => {
    const { ask, budgets } = setup();
    expect(await ask()).to.deep.equal({ status: 200, body: REPORT });
    expect(budgets).to.deep.equal([55_000]);
  });

  it("needs more than the least, and says how much", () => {
    const { clock } = setup();
    const tick = { run: async () => REPORT };
    const of = (deadlineMs: number) =>
      tickRoute({ tick, maintain: async () => undefined, clock, deadlineMs, leastMs: 5_000 });
    expect(() => of(10_000)).to.throw(TypeError, "more than 10000 ms");
    of(10_001);
  });

  it("answers 200 and does nothing where a trigger comes twice", async () => {
    const { ask, budgets, pass } = setup({ tickMs: 50_000 });
    const first = ask();
    for (let again = 0; again < 3; again++) {
      await pass(3_000);
      expect(await ask()).to.deep.equal({ status: 200, body: { underWay: true } });
    }
    await pass(41_000);
    expect(await first).to.deep.equal({ status: 200, body: REPORT });
    expect(budgets).to.have.length(1);
  });

  it("has a tick that lingers relieved by the next, which begins at once", async () => {
    const { ask, calls, budgets, pass } = setup({ tickMs: 110_000, maintain: untilTold });
    const first = ask();
    await pass(60_000);
    const second = ask();
    expect(await first).to.deep.equal({ status: 200, body: REPORT });
    expect(calls).to.deep.equal(["maintained 10000", "ticked 60000"]);
    await turn();
    expect(budgets, "begun").to.have.length(2);
    await pass(60_000);
    const third = ask();
    expect(await second).to.deep.equal({ status: 200, body: REPORT });
    await pass(110_000);
    expect(await third).to.deep.equal({ status: 200, body: REPORT });
    expect(calls.filter((call) => call.startsWith("ticked"))).to.deep.equal([
      ...["ticked 60000", "ticked 120000", "ticked 230000"],
    ]);
  });

  it("does not wait for one that cannot end", async () => {
    const { ask, budgets, pass, stuck } = setup({ tickMs: 110_000 });
    stuck.now = true;
    void ask();
    await pass(60_000);
    void ask();
    await pass(999);
    expect(budgets).to.have.length(1);
    await pass(1);
    expect(budgets).to.have.length(2);
  });

  it("runs the next one where one has failed", async () => {
    const { ask, state } = setup();
    state.failure = new Error("the database is away");
    expect((await failureOf(ask())).message).to.equal("the database is away");
    state.failure = null;
    expect((await ask()).status).to.equal(200);
  });

  it("ends early where the process is to end", async () => {
    const { ask, stop, calls } = setup({ tickMs: 50_000, maintain: untilTold });
    const answer = ask();
    await turn();
    stop.abort();
    expect((await answer).status).to.equal(200);
    expect(calls).to.have.members(["ticked 0", "maintained 0"]);
  });

  it("has maintenance end with a tick that has nothing more to do, or when it has taken long", async () => {
    for (const [tickMs, endsAt] of [
      [3_000, 3_000],
      [50_000, 10_000],
    ] as const) {
      const { ask, pass, calls, clock } = setup({ tickMs, maintain: untilTold });
      const answer = ask();
      await pass(tickMs);
      await answer;
      expect(calls).to.have.members([`ticked ${tickMs}`, `maintained ${endsAt}`]);
      expect(clock.nextWake, "a timer is left").to.equal(null);
    }
  });

  it("fails where maintenance fails, after the tick, which is not kept from its work", async () => {
    const { ask, pass, calls } = setup({
      tickMs: 1_000,
      maintain: async () => Promise.reject(new Error("no partition")),
    });
    const failure = failureOf(ask());
    await pass(1_000);
    expect((await failure).message).to.equal("no partition");
    expect(calls).to.deep.equal(["ticked 1000"]);
  });
});

function untilTold(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
