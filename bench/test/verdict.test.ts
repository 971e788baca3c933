import { expect } from "chai";
import { judge } from "../src/verdict.js";

describe("judge", () => {
  const met = (ratio: number, target: Parameters<typeof judge>[2][string]) => {
    return judge("drain", { drain: ratio }, { drain: target }).met;
  };

  it("takes each target in its own sense", () => {
    expect([1.99, 2, 2.01].map((ratio) => met(ratio, { atLeast: 2 }))).to.deep.equal([false, true, true]);
    expect([1.99, 2, 2.01].map((ratio) => met(ratio, { above: 2 }))).to.deep.equal([false, false, true]);
    expect([1.99, 2, 2.01].map((ratio) => met(ratio, { atMost: 2 }))).to.deep.equal([true, true, false]);
  });

  it("judges the ratio as it was measured, and states it rounded", () => {
    expect(judge("drain", { drain: 1.9996 }, { drain: { atLeast: 2 } })).to.deep.equal({
      bench: "drain",
      ratios: { drain: 2 },
      targets: { drain: 2 },
      met: false,
    });
  });

  it("is not met by a ratio that is missing or no number", () => {
    expect(judge("drain", {}, { drain: { atMost: 2 } }).met).to.equal(false);
    expect(met(Number.NaN, { atLeast: 2 })).to.equal(false);
  });

  it("leaves ratios without a target unjudged", () => {
    expect(judge("drain", { drain: 3, other: 0.1 }, { drain: { atLeast: 2 } }).met).to.equal(true);
  });
});
