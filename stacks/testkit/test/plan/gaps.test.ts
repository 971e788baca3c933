import { expect } from "chai";
import type { Graph } from "../../src/graph.js";
import { gapsIn } from "../../src/plan/gaps.js";
import { record } from "../../src/recorder.js";
import type { World } from "../../src/world.js";
import { Box } from "../support/boxes.js";

async function both(world: World): Promise<{ readonly full: Graph; readonly dry: Graph }> {
  const program = () => {
    const box = new Box("box", { note: "undefined" });
    new Box("other", { arn: box.arn, policy: box.version.apply((one) => `version ${one}`) });
  };
  return { full: await record({ world }, program), dry: await record({ world, preview: true }, program) };
}

describe("Gaps of a world", () => {
  it("are told by what they are seen in", async () => {
    const gaps = gapsIn(await both({ outputs: () => ({}), call: () => ({}) }));

    expect(gaps).to.deep.equal([
      "other test:index/box:Box: arn is made of what the world does not say of test:index/box:Box box",
      "other test:index/box:Box: policy is made of what the world does not say of test:index/box:Box box",
    ]);
  });

  it("are none where it says everything", async () => {
    const gaps = gapsIn(await both({ outputs: () => ({ arn: "arn:box", version: "7" }), call: () => ({}) }));

    expect(gaps).to.deep.equal([]);
  });
});
