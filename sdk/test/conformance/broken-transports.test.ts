import { expect } from "chai";
import {
  BROKEN_TRANSPORTS,
  describeTransport,
  memoryHarness,
  runConformance,
  transportCases,
} from "../../src/conformance/index.js";

describeTransport("MemoryTransport, through the adapter SDK,", memoryHarness());

describe("BROKEN_TRANSPORTS", () => {
  for (const { title, caughtBy, harness } of BROKEN_TRANSPORTS) {
    it(`has one that ${title}, which ${caughtBy} finds`, async () => {
      const { cases } = await runConformance(harness, { only: caughtBy });
      expect(cases.map(({ id, outcome }) => [id, outcome])).to.deep.equal([[caughtBy, "failed"]]);
    });
  }

  it("has one for each case, so that none is there for nothing", () => {
    const found = new Set(BROKEN_TRANSPORTS.map(({ caughtBy }) => caughtBy));
    const ids = transportCases(memoryHarness()).map(({ id }) => id);
    expect(ids.filter((id) => !found.has(id))).to.deep.equal([]);
  });

  it("is no trouble for a right one, whatever order it names", async () => {
    for (const ordering of ["none", "per_schedule", "total"] as const) {
      const { failed } = await runConformance(memoryHarness(undefined, { ordering }));
      expect({ ordering, failed }).to.deep.equal({ ordering, failed: 0 });
    }
  });
});
