import { expect } from "chai";
import { type Asked, chosen } from "../src/chosen.js";

const there = {
  stacks: ["aws-dev", "gcp-dev"],
  variants: [
    { name: "single-stage", settings: {} },
    { name: "containers", settings: {} },
  ],
};

const namesOf = (asked: Asked) => {
  const { ok, wrong } = chosen(asked, there);
  return ok?.map(({ stack, variant }) => (variant === undefined ? stack : `${stack}+${variant.name}`)) ?? wrong;
};

describe("What is estimated", () => {
  it("is every stack, or those that are named", () => {
    expect(namesOf({ named: [] })).to.deep.equal(["aws-dev", "gcp-dev"]);
    expect(namesOf({ named: ["gcp-dev"] })).to.deep.equal(["gcp-dev"]);
  });

  it("is one variant of each, or all of them beside the stack itself", () => {
    expect(namesOf({ named: [], variant: "containers" })).to.deep.equal(["aws-dev+containers", "gcp-dev+containers"]);
    expect(namesOf({ named: ["aws-dev"], variants: true })).to.deep.equal([
      "aws-dev",
      "aws-dev+single-stage",
      "aws-dev+containers",
    ]);
  });

  it("is nothing that there is not", () => {
    expect(namesOf({ named: ["azure-dev"], variant: "serverful" })).to.deep.equal([
      "There is no stack azure-dev; there are aws-dev, gcp-dev",
      "There is no variant serverful; there are single-stage, containers",
    ]);
  });
});
