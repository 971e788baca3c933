import { expect } from "chai";
import { bucketsOf, median, mostWithin, percentile, rounded } from "../src/figures.js";

describe("mostWithin", () => {
  it("counts what lies within one span, wherever it begins", () => {
    expect(mostWithin([0, 400, 900, 1_300, 1_350, 5_000], 1_000)).to.equal(4);
  });

  it("counts both ends of a span", () => {
    expect(mostWithin([0, 1_000], 1_000)).to.equal(2);
    expect(mostWithin([0, 1_000.001], 1_000)).to.equal(1);
  });

  it("takes times in any order, and none at all", () => {
    expect(mostWithin([3_000, 10, 20, 0], 1_000)).to.equal(3);
    expect(mostWithin([], 1_000)).to.equal(0);
  });

  it("agrees with counting from each of the times", () => {
    const times = Array.from({ length: 300 }, (_, index) => (index * 7_919) % 10_007);
    const counts = times.map((from) => times.filter((time) => time >= from && time - from <= 500).length);
    expect(mostWithin(times, 500)).to.equal(Math.max(...counts));
  });
});

describe("bucketsOf", () => {
  it("begins with the first time, and keeps the empty ones", () => {
    expect(bucketsOf([2_600, 100, 1_099, 1_100], 1_000)).to.deep.equal([2, 1, 1]);
    expect(bucketsOf([0, 3_000], 1_000)).to.deep.equal([1, 0, 0, 1]);
    expect(bucketsOf([], 1_000)).to.deep.equal([]);
  });
});

describe("percentile", () => {
  it("is the smallest value that the share does not exceed", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(hundred, 0.99)).to.equal(99);
    expect(percentile(hundred, 1)).to.equal(100);
    expect(percentile(hundred, 0)).to.equal(1);
    expect(percentile([7], 0.5)).to.equal(7);
    expect(percentile([], 0.5)).to.be.NaN;
  });
});

describe("median", () => {
  it("is the one in the middle, or the mean of the two", () => {
    expect(median([9, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 9])).to.equal(3);
  });
});

describe("rounded", () => {
  it("keeps so many digits", () => {
    expect(rounded(1.249)).to.equal(1.2);
    expect(rounded(1.249, 2)).to.equal(1.25);
  });
});
