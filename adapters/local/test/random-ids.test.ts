import { expect } from "chai";
import { RandomIds } from "../src/index.js";

describe("RandomIds", () => {
  it("gives ids of version 7, which carry the time", () => {
    const before = Date.now();
    const id = new RandomIds().next();
    expect(id[14]).to.equal("7");
    expect(parseInt(id.replaceAll("-", "").slice(0, 12), 16)).to.be.within(before, Date.now());
  });
});
