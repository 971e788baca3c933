import { expect } from "chai";
import { parseOptions } from "../src/options.js";

describe("parseOptions", () => {
  it("reads numbers and switches", () => {
    expect(parseOptions(["--rounds", "3", "--events", "100_000", "--tune"])).to.deep.equal({
      rounds: 3,
      events: 100_000,
      tune: true,
      held: false,
    });
  });

  it("leaves to the bench what is not said", () => {
    expect(parseOptions([])).to.deep.equal({ tune: false, held: false });
  });

  for (const args of [["--rounds", "0"], ["--events", "many"], ["--pending", "1.5"], ["--unknown"], ["more"]]) {
    it(`refuses ${args.join(" ")}`, () => {
      expect(parseOptions(args)).to.equal(null);
    });
  }
});
