import { expect } from "chai";
import { median, percentile } from "../src/figures.js";

describe("median", () => {
  it("is the middle one, or the mean of the two in the middle, whatever the order", () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([10, 1, 2, 3])).to.equal(2.5);
  });
});

describe("percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it("is the smallest value that so great a share does not exceed", () => {
    expect(percentile(hundred, 0.99)).to.equal(99);
    expect(percentile(hundred, 0.5)).to.equal(50);
    expect(percentile(hundred, 1)).to.equal(100);
  });

  it("is no number where there is no value", () => {
    expect(percentile([], 0.99)).to.be.NaN;
  });
});
