import { expect } from "chai";
import { parseOptions } from "../src/options.js";

describe("parseOptions", () => {
  it("leaves out what was not given", () => {
    expect(parseOptions([])).to.deep.equal({ shape: "in place" });
  });

  it("reads numbers and the shape", () => {
    const read = parseOptions(["--minutes", "0.5", "--workers", "8", "--two-stages"]);
    expect(read).to.deep.equal({ minutes: 0.5, workers: 8, shape: "two stages" });
  });

  it("reads which release it is to be", () => {
    expect(parseOptions(["--from", "HEAD~2"])).to.deep.equal({ from: "HEAD~2", shape: "in place" });
  });

  for (const args of [["--seconds", "none"], ["--seconds", "0"], ["--seconds=-3"], ["--what", "1"], ["more"]])
    it(`does not understand ${args.join(" ")}`, () => {
      expect(parseOptions(args)).to.equal(null);
    });
});
