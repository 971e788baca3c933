import { expect } from "chai";
import { PassThrough } from "node:stream";
import { Progress } from "../src/progress.js";

describe("Progress", () => {
  function setup(canvas: PassThrough | null = new PassThrough({ encoding: "utf8" })) {
    let now = 0;
    const progress = new Progress({ canvas, now: () => now });
    const drawn = () => (canvas?.read() as string | null) ?? "";
    return { progress, drawn, pass: (ms: number) => void (now += ms) };
  }

  it("draws count, rate, and what is left of what has a known size", () => {
    const { progress, drawn, pass } = setup();
    pass(2_000);
    progress.show(1_000, "lines", ["3 refused"], 0.25);
    expect(drawn()).to.equal("\r\u001b[K[######..................]  1,000 lines  500/s  3 refused  6 s left");
  });

  it("draws no bar where the size is not known", () => {
    const { progress, drawn, pass } = setup();
    pass(1_000);
    progress.show(7, "lines");
    expect(drawn()).to.equal("\r\u001b[K7 lines  7/s");
  });

  it("draws ten times a second at most", () => {
    const { progress, drawn, pass } = setup();
    progress.show(1, "lines");
    drawn();
    pass(99);
    progress.show(2, "lines");
    expect(drawn()).to.equal("");
    pass(1);
    progress.show(3, "lines");
    expect(drawn()).to.include("3 lines");
  });

  it("is gone once it is cleared, and draws at once after that", () => {
    const { progress, drawn } = setup();
    progress.clear();
    expect(drawn()).to.equal("");
    progress.show(1, "lines");
    progress.clear();
    expect(drawn().endsWith("1 lines\r\u001b[K")).to.equal(true);
    progress.show(2, "lines");
    expect(drawn()).to.include("2 lines");
  });

  it("says minutes where it takes minutes", () => {
    const { progress, drawn, pass } = setup();
    pass(10_000);
    progress.show(1, "lines", [], 0.1);
    expect(drawn()).to.include("1 min 30 s left");
  });
});
