import { expect } from "chai";
import { subnetsOf, zonesOf } from "../src/subnets.js";

/** First and last address. */
function rangeOf(cidr: string): readonly [number, number] {
  const [address = "", bits = ""] = cidr.split("/");
  const first = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return [first, first + 2 ** (32 - Number(bits)) - 1];
}

describe("The networks of a VPC", () => {
  const table = [
    {
      zones: 1,
      private: ["10.20.0.0/20"],
      public: ["10.20.96.0/24"],
      isolated: ["10.20.112.0/24"],
    },
    {
      zones: 3,
      private: ["10.20.0.0/20", "10.20.16.0/20", "10.20.32.0/20"],
      public: ["10.20.96.0/24", "10.20.97.0/24", "10.20.98.0/24"],
      isolated: ["10.20.112.0/24", "10.20.113.0/24", "10.20.114.0/24"],
    },
  ];
  for (const { zones, ...tiers } of table) {
    it(`have their places where there are ${String(zones)} zones`, () => {
      expect(subnetsOf("10.20.0.0/16", zones)).to.deep.equal(tiers);
    });
  }

  it("are inside it and apart from each other, however many zones there are, and leave the upper half free", () => {
    for (const zones of [1, 2, 3, 4, 5, 6]) {
      const all = Object.values(subnetsOf("10.250.0.0/16", zones) as unknown as Record<string, string[]>).flat();
      const ranges = all.map(rangeOf).toSorted(([a], [b]) => a - b);
      const [from] = rangeOf("10.250.0.0/16");
      const [half] = rangeOf("10.250.128.0/17");
      let end = from - 1;
      for (const [first, last] of ranges) {
        expect(first).to.be.above(end);
        end = last;
      }
      expect(all).to.have.length(3 * zones);
      expect(end).to.be.below(half);
    }
  });

  it("stay where they are when a zone is added", () => {
    const [two, three] = [subnetsOf("10.20.0.0/16", 2), subnetsOf("10.20.0.0/16", 3)];

    for (const tier of ["public", "private", "isolated"] as const) {
      expect(three[tier].slice(0, 2)).to.deep.equal(two[tier]);
    }
  });

  it("are refused where they do not fit", () => {
    expect(() => subnetsOf("10.20.0.0/20", 2)).to.throw(RangeError, "10.20.0.0/20 is no network");
    expect(() => subnetsOf("10.20.0.0/16", 7)).to.throw(RangeError, "7 zones");
    expect(() => subnetsOf("10.20.0.0/16", 0)).to.throw(RangeError, "0 zones");
  });
});

describe("Zones", () => {
  it("are called after their region", () => {
    expect(zonesOf("eu-west-1", 3)).to.deep.equal(["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
  });
});
