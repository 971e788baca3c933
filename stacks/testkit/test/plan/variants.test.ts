import { expect } from "chai";
import { applied } from "../../src/plan/variants.js";
import type { Project } from "../../src/planner/project.js";

const project: Project = {
  ...{ name: "shop", root: "/", folder: "/", entry: ".", configFolder: "/" },
  declared: { colour: { type: "string", default: "red" } },
};

describe("A variant of a stack", () => {
  it("changes what it names, and leaves the rest of an object as it is", () => {
    const settings = { "shop:shelf": { boxes: 2, open: true }, "shop:owner": "me" };

    expect(
      applied({ name: "blue", settings: { "shop:colour": "blue", "shop:shelf": { boxes: 3 } } }, settings, project),
    ).to.deep.equal({
      "shop:shelf": { boxes: 3, open: true },
      "shop:owner": "me",
      "shop:colour": "blue",
    });
  });

  it("leaves out what neither the stack nor the project knows", () => {
    expect(applied({ name: "blue", settings: { "shop:other": { boxes: 3 } } }, {}, project)).to.deep.equal({});
  });
});
