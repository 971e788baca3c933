/* eslint no-template-curly-in-string: off -- a golden plan writes references so. */
import { secret } from "@pulumi/pulumi";
import { expect } from "chai";
import { Graph, type Planned } from "../../src/graph.js";
import { difference } from "../../src/plan/difference.js";
import { goldenText } from "../../src/plan/golden.js";
import { record } from "../../src/recorder.js";
import type { World } from "../../src/world.js";
import { Box, Shelf } from "../support/boxes.js";

const world: World = {
  outputs: ({ name, inputs: { colour } }) => ({
    ...{ id: `thing-${name}`, arn: `arn:test:${name}`, version: name === "after" ? "8" : "7", place: "here" },
    ...(colour !== undefined && { colour }),
  }),
  call: () => ({}),
};

async function shelf(preview: boolean): Promise<Graph> {
  return record({ world, preview }, () => {
    const { box } = new Shelf("shelf", { colour: "red", code: "open", folder: "/somewhere/else" });
    const after = new Box("after", {}, { protect: true, dependsOn: [box], ignoreChanges: ["size"] });
    new Box("other", {
      policy: box.arn.apply((arn) => JSON.stringify({ Resource: [arn, `${arn}/*`], Effect: "Allow" })),
      inside: box.id,
      known: { by: ["7", "thing-shelf-box"], from: box.version },
      near: [after.id, box.id.apply((id) => `${id}-too`), box.id.apply((id) => `no-${id}`)],
      login: { user: "me", password: secret("sesame"), keys: ["a", secret("b")] },
      ...{ colour: box.colour, version: box.version, versions: box.version.apply((one) => `${one} of 7`) },
    });
    return { place: box.place, all: box.arn.apply((arn) => `${arn}/*`), colour: box.colour };
  });
}

async function text(change: (one: Planned) => Partial<Planned> = () => ({})): Promise<string> {
  const [full, dry] = [await shelf(false), await shelf(true)];
  const { urn } = full.one("test:index/box:Box", "shelf-box");
  const both = { full: full.with(urn, change), dry: dry.with(urn, change) };
  return goldenText("dev", both, world, "/somewhere");
}

describe("A golden plan", () => {
  it("is a tree of resources, with what each was given, and from where", async () => {
    const lines = (await text()).split("\n").slice(1);

    expect(lines).to.deep.equal([
      "",
      "punctual-aws-dev  pulumi:pulumi:Stack",
      "  after  test:index/box:Box  [protect]",
      "      . (ignores changes of) = size",
      "      . (after) = Box shelf-box",
      "  other  test:index/box:Box",
      '      . colour = "red"',
      '      . inside = "${Box shelf-box.id}"',
      '      . known.by[] = "7"',
      '      . known.by[] = "thing-shelf-box"',
      '      . known.from = "${Box shelf-box.version}"',
      '      . login.keys[] = "a"',
      "      . login.keys[] = [secret]",
      "      . login.password = [secret]",
      '      . login.user = "me"',
      '      . near[] = "${Box after.id}"',
      '      . near[] = "thing-shelf-box-too"',
      '      . near[] = "no-thing-shelf-box"',
      '      . policy:Effect = "Allow"',
      '      . policy:Resource[] = "${Box shelf-box.arn}"',
      '      . policy:Resource[] = "${Box shelf-box.arn}/*"',
      '      . version = "${Box shelf-box.version}"',
      '      . versions = "7 of 7"',
      "  shelf  test:index:Shelf",
      "    shelf-box  test:index/box:Box",
      "        . code = [secret]",
      '        . colour = "red"',
      '        . folder = "<root>/else"',
      "",
      "# Outputs",
      'all = "${Box shelf-box.arn}/*"',
      'colour = "red"',
      'place = "here"',
      "",
      "# In a dry run",
      "the same",
      "",
    ]);
  });

  it("shows a changed input as one line that goes and one that comes, below its resource", async () => {
    const changed = await text(({ inputs }) => ({ inputs: { ...inputs, colour: "blue" } }));

    expect(difference(await text(), changed)).to.deep.equal([
      "  shelf-box  test:index/box:Box",
      '- . colour = "red"',
      '+ . colour = "blue"',
    ]);
    expect(difference(changed, changed)).to.deep.equal([]);
  });

  it("shows no secret, changed or not", async () => {
    const changed = await text(({ inputs }) => ({ inputs: { ...inputs, code: "shut" } }));

    expect(changed)
      .to.equal(await text())
      .and.not.to.contain("shut");
  });

  it("hides an input whole where it is not said which part is secret", async () => {
    const changed = await text(({ inputs }) => ({
      inputs: { ...inputs, code: { plain: "a", held: "b" } },
      secretParts: [["colour", "held"]],
    }));

    expect(changed).to.equal(await text());
  });

  it("shows at its end what a dry run has otherwise, but for what cannot be known there", async () => {
    const [full, dry] = [await shelf(false), await shelf(true)];
    const resources = dry.resources.filter(({ name }) => name !== "after");
    const box = dry.one("test:index/box:Box", "shelf-box");
    const { folder: _, ...inputs } = box.inputs;
    const fewer = new Graph(resources).with(box.urn, () => ({ inputs: { ...inputs, colour: "blue" } }));

    const shown = goldenText("dev", { full, dry: fewer }, world, "/somewhere");

    expect(shown.slice(shown.indexOf("# In a dry run")).split("\n")).to.deep.equal([
      "# In a dry run",
      "after  test:index/box:Box  [protect]: is not there",
      'shelf-box  . colour = "blue"',
      "shelf-box  . colour = [missing]",
      "shelf-box  . folder = [missing]",
      "",
    ]);
  });
});
