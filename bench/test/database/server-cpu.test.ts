import { expect } from "chai";
import { parseStat } from "../../src/database/server-cpu.js";

describe("parseStat", () => {
  it("counts the fields behind the name, whatever that is", () => {
    const line =
      "31847 (postgres: a) (b) S 31830 31847 31847 0 -1 4194560 5128 0 0 0 150 50 7 3 20 0 1 0 4567 238215168";
    expect(parseStat(line)).to.deep.equal({ pid: 31_847, parent: 31_830, ticks: 200, ticksOfEnded: 10 });
  });
});
