import { ComponentResource, CustomResource, type Input, type Output, secret } from "@pulumi/pulumi";
import { expect } from "chai";
import { UNKNOWN } from "../src/graph.js";
import { record } from "../src/recorder.js";
import type { World } from "../src/world.js";

class Box extends CustomResource {
  declare readonly size: Output<number>;
  constructor(name: string, args: Record<string, Input<unknown>>, parent?: ComponentResource) {
    super("test:index/box:Box", name, { size: undefined, ...args }, parent === undefined ? {} : { parent });
  }
}

class Shelf extends ComponentResource {
  readonly box: Box;
  constructor(name: string) {
    super("test:index:Shelf", name);
    this.box = new Box(`${name}-box`, { colour: "red" }, this);
    this.registerOutputs({});
  }
}

const world: World = { outputs: () => ({ size: 7 }), call: () => ({}) };

describe("The recorder", () => {
  it("answers everything that was registered, with what it was made of", async () => {
    const graph = await record({ world }, () => {
      const { box } = new Shelf("shelf");
      new Box("other", { holds: box.size, code: secret("abc"), around: { near: [box.id] } });
      return { size: box.size };
    });

    const other = graph.one("test:index/box:Box", "other");
    const box = graph.one("test:index/box:Box", "shelf-box");
    expect(graph.types()).to.deep.equal({
      "pulumi:pulumi:Stack": 1,
      "test:index/box:Box": 2,
      "test:index:Shelf": 1,
    });
    expect(other.inputs).to.deep.include({ holds: 7, code: "abc", around: { near: ["shelf-box-id"] } });
    expect(other.secrets).to.deep.equal(["code"]);
    expect(graph.sourcesOf(other, "holds")).to.deep.equal([box]);
    expect(graph.dependsOn(other, box)).to.be.true;
    expect(graph.ancestorsOf(box).map(({ type }) => type)).to.deep.equal(["test:index:Shelf", "pulumi:pulumi:Stack"]);
    expect(graph.outputs).to.deep.equal({ size: 7 });
  });

  it("knows nothing in a preview that a provider would say", async () => {
    const graph = await record({ world, preview: true }, () => {
      const { box } = new Shelf("shelf");
      new Box("other", { holds: box.size });
    });

    expect(graph.one("test:index/box:Box", "other").inputs["holds"]).to.equal(UNKNOWN);
  });

  it("throws what an apply has thrown", async () => {
    let thrown: unknown;
    await record({ world }, () => {
      new Box("box", {}).size.apply(() => {
        throw new Error("what a boom");
      });
    }).catch((error: unknown) => (thrown = error));

    expect(String(thrown)).to.contain("what a boom");
  });

  it("takes an id for the world's where the world has one", async () => {
    const ids: World = { outputs: ({ name }) => ({ id: `url-of-${name}` }), call: () => ({}) };
    const graph = await record({ world: ids }, () => {
      new Box("other", { near: new Box("box", {}).id });
    });

    expect(graph.one("test:index/box:Box", "other").inputs["near"]).to.equal("url-of-box");
  });

  it("refuses two resources of one name, as the engine does", async () => {
    let thrown: unknown;
    await record({ world }, () => {
      new Box("box", {});
      new Box("box", {});
    }).catch((error: unknown) => (thrown = error));

    expect(String(thrown)).to.match(/Duplicate resource URN .*::box$/);
  });

  it("says what there is where it does not find the one", async () => {
    const graph = await record({ world }, () => new Shelf("shelf"));

    expect(() => graph.one("test:index/box:Box", "none")).to.throw(RangeError, "there are shelf-box");
  });
});
