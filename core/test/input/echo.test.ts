import { expect } from "chai";
import { echo } from "../../src/input/echo.js";

describe("echo", () => {
  it("tells what is short as it is", () => expect(echo("7f3a")).to.equal("7f3a"));

  it("cuts what is long, and says so", () => expect(echo("x".repeat(65))).to.equal(`${"x".repeat(64)}…`));

  it("tells no half of a surrogate pair", () => {
    expect(echo("\ud800").isWellFormed()).to.equal(true);
    expect(echo(`${"x".repeat(63)}🙂🙂`).isWellFormed()).to.equal(true);
  });
});
