import { failureOf, NOON, passOn, turn } from "@punctual/adapter-sdk/testing";
import type { TickReport } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import type { Invocation } from "../../src/invocation.js";
import { tickHandler, type TickHandlerDeps } from "../../src/tick/tick-handler.js";

const LEAST_MS = 5_000;
const REPORT: TickReport = { batches: 1, seen: 2, done: 2, drained: true };

function setup(deps: Partial<Pick<TickHandlerDeps, "maintain">> & { readonly tickMs?: number } = {}) {
  const clock = new MemoryClock(NOON);
  const calls: string[] = [];
  const budgets: number[] = [];
  const signals: AbortSignal[] = [];
  const at = (what: string) => void calls.push(`${what} ${clock.monotonic()}`);
  let failure: Error | null = null;
  const handle = tickHandler({
    tick: {
      run: async (budgetMs) => {
        budgets.push(budgetMs);
        await clock.sleep(deps.tickMs ?? 0);
        if (failure !== null) throw failure;
        at("ticked");
        return REPORT;
      },
    },
    maintain: async (signal) => {
      signals.push(signal);
      await deps.maintain?.(signal);
      at("maintained");
    },
    clock,
    around: { begin: () => at("begin"), end: () => at("end") },
    leastMs: LEAST_MS,
  });
  const leaving = (ms: number): Invocation => ({ getRemainingTimeInMillis: () => ms, awsRequestId: "1" });
  return {
    ...{ clock, calls, budgets, signals, pass: passOn(clock) },
    failWith: (error: Error) => (failure = error),
    run: async (remainingMs: number, event: unknown = {}) => handle(event, leaving(remainingMs)),
  };
}

describe("tickHandler", () => {
  it("runs a tick in the time that is left but for what the answer takes, and reports it", async () => {
    const { run, budgets, calls } = setup();
    expect(await run(60_000)).to.equal(REPORT);
    expect(budgets).to.deep.equal([58_500]);
    expect(calls[0]).to.equal("begin 0");
    expect(calls.at(-1)).to.equal("end 0");
  });

  it("does not mind by what it was triggered", async () => {
    const { run } = setup();
    for (const event of [undefined, null, "text", { source: "aws.scheduler" }, { Records: [] }]) {
      expect(await run(60_000, event)).to.equal(REPORT);
    }
  });

  it("needs more than the least, and says how much, and how much there is", async () => {
    const { run, budgets, calls, signals } = setup();
    for (const leftMs of [3_000, 6_500]) {
      const { message } = await failureOf(run(leftMs));
      expect(message).to.contain("6500 ms").and.to.contain(`has ${leftMs}`);
    }
    expect(budgets, "no tick").to.deep.equal([]);
    expect(signals, "no maintenance").to.deep.equal([]);
    expect(calls).to.deep.equal(["begin 0", "end 0", "begin 0", "end 0"]);
    await run(6_501);
    expect(budgets).to.deep.equal([5_001]);
  });

  describe("with maintenance", () => {
    it("waits for neither to begin the other, and for both to end", async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const { run, calls } = setup({ maintain: () => promise });
      const answer = run(60_000);
      await turn();
      expect(calls).to.deep.equal(["begin 0", "ticked 0"]);
      resolve();
      await answer;
      expect(calls).to.deep.equal(["begin 0", "ticked 0", "maintained 0", "end 0"]);
    });

    it("has it end with a tick that has nothing more to do", async () => {
      const { run, signals, pass, clock } = setup({ maintain: untilTold, tickMs: 3_000 });
      const answer = run(60_000);
      await pass(2_999);
      expect(signals[0]?.aborted).to.equal(false);
      await pass(1);
      expect(signals[0]?.aborted).to.equal(true);
      await answer;
      expect(clock.nextWake, "a timer is left").to.equal(null);
    });

    for (const [remainingMs, endsAtMs] of [
      [901_500, 10_000],
      [41_500, 10_000],
      [21_500, 5_000],
      [7_500, 1_500],
    ] as const) {
      it(`has it end after ${endsAtMs} ms of ${remainingMs}, whatever the tick does`, async () => {
        const { run, calls, pass } = setup({ maintain: untilTold, tickMs: 60_000 });
        const answer = run(remainingMs);
        await pass(60_000);
        await answer;
        expect(calls).to.deep.equal(["begin 0", `maintained ${endsAtMs}`, "ticked 60000", "end 60000"]);
      });
    }

    it("fails where that fails, after the tick, which is not kept from its work", async () => {
      const unheard: unknown[] = [];
      const listener = (reason: unknown) => void unheard.push(reason);
      // Node would end the process where nobody listened; mocha does.
      const before = process.listeners("unhandledRejection");
      process.removeAllListeners("unhandledRejection").on("unhandledRejection", listener);
      try {
        const maintain = async () => Promise.reject(new Error("no partition"));
        const { run, calls, pass } = setup({ maintain, tickMs: 1_000 });
        const failure = failureOf(run(60_000));
        await pass(1_000);
        expect((await failure).message).to.equal("no partition");
        expect(calls).to.deep.equal(["begin 0", "ticked 1000", "end 1000"]);
      } finally {
        process.removeListener("unhandledRejection", listener);
        for (const one of before) process.on("unhandledRejection", one);
      }
      expect(unheard).to.deep.equal([]);
    });

    it("has it end where the tick fails", async () => {
      const { run, signals, clock, failWith, calls } = setup({ maintain: untilTold });
      failWith(new Error("the database is away"));
      expect((await failureOf(run(60_000))).message).to.equal("the database is away");
      expect(signals[0]?.aborted).to.equal(true);
      await turn();
      expect(clock.nextWake, "a timer is left").to.equal(null);
      expect(calls).to.include("end 0");
    });
  });
});

function untilTold(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
