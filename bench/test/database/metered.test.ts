import { expect } from "chai";
import { metered } from "../../src/database/metered.js";

describe("metered", () => {
  it("tells what a run takes for each event: neither what stands around it, nor the round that warms up", async () => {
    let ms = 0;
    const takes = (some: number) => async () => void (ms += some);
    const side = metered(
      { name: "ours", prepare: takes(1_000), run: takes(20), check: takes(500) },
      { it: async () => ms },
      100,
    );

    for (let round = 0; round < 3; round++) {
      ms += round === 0 ? 0 : 7;
      await side.prepare();
      await side.run();
      await side.check();
    }

    expect(side.costs()).to.deep.equal({ it: 200 });
  });
});
