import { expect } from "chai";
import { once } from "./support/once/once.js";

describe("a hundred requests at one time with one idempotency key", () => {
  for (const [stores, rounds] of [
    ["memory", 50],
    ["postgres", 5],
  ] as const) {
    it(`make one schedule, and are answered alike (${stores})`, async function () {
      this.timeout(60_000);
      const { answers, ...report } = await once({ rounds, stores });
      expect(report).to.deep.equal({ rounds, schedules: rounds, doubled: 0, differing: 0 });
      expect([answers.get("201"), answers.get("201 replayed")]).to.deep.equal([rounds, 99 * rounds]);
    });
  }
});
