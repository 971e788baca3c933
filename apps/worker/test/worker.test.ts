import { Unavailable } from "@punctual/core";
import { MemoryClock, MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import { Worker, type WorkerDeps } from "../src/index.js";

const untilAborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
};

function setup(deps: Partial<WorkerDeps> = {}) {
  const clock = new MemoryClock(new Date("2030-01-01T00:00:00Z"));
  const telemetry = new MemoryTelemetry();
  let turnedAt = -Infinity;
  const scheduler = {
    run: untilAborted,
    get turnedAt() {
      return turnedAt;
    },
  };
  const turn = () => (turnedAt = clock.monotonic());
  const worker = new Worker({ scheduler, maintain: untilAborted, clock, telemetry, ...deps });
  return { worker, clock, telemetry, turn };
}

describe("Worker", () => {
  it("is alive as long as its scheduler turns", async () => {
    const { worker, clock, turn } = setup();
    worker.checkAlive();
    clock.advance(119_000);
    worker.checkAlive();
    turn();
    clock.advance(119_000);
    worker.checkAlive();
    clock.advance(2_000);
    expect(() => worker.checkAlive()).to.throw(Unavailable, /not turned for 121000 ms/);
    turn();
    worker.checkAlive();
    expect(await worker.drain(1_000)).to.equal(true);
  });

  for (const name of ["scheduler", "maintenance", "consumer", "burial"] as const) {
    it(`is not alive when its ${name} has ended by itself, and says why`, async () => {
      const breaks = async () => {
        throw new Error("broken");
      };
      const { worker, telemetry } = setup({
        ...(name === "scheduler" && { scheduler: { run: breaks, turnedAt: 0 } }),
        ...(name === "maintenance" && { maintain: breaks }),
        ...(name === "consumer" && { consumer: { run: breaks } }),
        ...(name === "burial" && { burial: { run: breaks } }),
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect(() => worker.checkAlive()).to.throw(Unavailable, `The ${name} has ended by itself`);
      expect(telemetry.of("trouble").map(({ where }) => where)).to.deep.equal([name]);
      expect(await worker.drain(1_000)).to.equal(true);
    });
  }

  it("waits for what is under way when it is told to stop, and no longer than it is told to", async () => {
    let finish: () => void = () => undefined;
    const slow = async (signal: AbortSignal) => {
      await untilAborted(signal);
      await new Promise<void>((resolve) => (finish = resolve));
    };
    const { worker, clock } = setup({ consumer: { run: slow } });
    const late = worker.drain(5_000);
    clock.advance(5_000);
    expect(await late).to.equal(false);
    const again = worker.drain(5_000);
    finish();
    expect(await again).to.equal(true);
  });
});
