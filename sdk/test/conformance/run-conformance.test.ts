import { expect } from "chai";
import { memoryHarness, runConformance, transportCases } from "../../src/conformance/index.js";
import { API_VERSION } from "../../src/index.js";

describe("runConformance", () => {
  const deaf = () =>
    memoryHarness((service) => ({
      capabilities: service.capabilities,
      send: () => new Promise(() => undefined),
      consume: (options, handle, signal) => service.consume(options, handle, signal),
      consumeDeadLetters: (handle, signal) => service.consumeDeadLetters(handle, signal),
    }));

  it("reports on each case, in their order", async () => {
    const harness = { ...memoryHarness(), atOnce: 4 };
    const { cases, ...report } = await runConformance(harness);
    expect(cases.map(({ id }) => id)).to.deep.equal(transportCases(harness).map(({ id }) => id));
    const skipped = cases.filter(({ outcome }) => outcome === "skipped");
    expect(report).to.deep.equal({
      ...{ name: "memory", apiVersion: API_VERSION, capabilities: harness.capabilities },
      ...{ passed: cases.length - skipped.length, failed: 0, skipped: skipped.length },
    });
    for (const { reason } of skipped) expect(reason).to.be.a("string").that.is.not.empty;
  });

  for (const [only, count] of [
    ["T4", 2],
    ["T4.2", 1],
  ] as const) {
    it(`runs what has the id ${only} alone`, async () => {
      const { cases } = await runConformance(memoryHarness(), { only });
      expect(cases).to.have.length(count);
    });
  }

  it("runs nothing of an id that there is not", async () => {
    const error = await runConformance(memoryHarness(), { only: "T" }).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(RangeError);
  });

  it("says what went wrong, and goes on", async () => {
    const { failed, cases } = await runConformance(deaf(), { only: "T2" });
    expect(failed).to.equal(4);
    expect(cases[0]?.reason).to.equal("send: not within 2000 ms");
  });

  it("ends a case that does not end", async () => {
    const open = () => new Promise<never>(() => undefined);
    const { cases } = await runConformance({ ...memoryHarness(), open, timeoutMs: 1 }, { only: "T0" });
    expect(cases[0]).to.include({ outcome: "failed", reason: "not done within 1 ms" });
  });
});
