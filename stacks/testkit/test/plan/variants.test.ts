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

  it("gives stacks of a cloud what they do not say themselves", () => {
    const settings = { "shop:shelf": { boxes: 3 }, shelf: { "shop:colour": "blue", "shop:place": "here" } };
    const blue = { name: "blue", settings };
    const own = { "shop:shelf": { boxes: 2 }, "shop:colour": "green" };

    expect(applied(blue, own, project)).to.deep.equal({
      "shop:shelf": { boxes: 3 },
      "shop:colour": "green",
      "shop:place": "here",
    });
    expect(applied(blue, { "shop:owner": "me" }, project)).to.deep.equal({ "shop:owner": "me" });
  });

  it("leaves out what neither the stack nor the project knows", () => {
    expect(applied({ name: "blue", settings: { "shop:other": { boxes: 3 } } }, {}, project)).to.deep.equal({});
  });
});
