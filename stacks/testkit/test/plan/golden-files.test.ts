import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { check, type Golden, write } from "../../src/plan/golden-files.js";
import type { Variant } from "../../src/plan/variants.js";
import { type Project, readProject } from "../../src/planner/project.js";

const SHOP = fileURLToPath(new URL("../../../test/fixtures/shop/", import.meta.url));
const BLUE: Variant = { name: "blue", settings: { "shop:colour": "blue" } };
const FAILING: Variant = { name: "failing", settings: { "shop:colour": "red", "shop:shelf": { fails: true } } };

describe("The golden plans", function () {
  // Each runs processes of its own.
  this.timeout(180_000);

  let plans: string;
  let project: Project;
  let said: string[];
  const about = (variants: readonly Variant[] = []): Golden => {
    said = [];
    return { project, plans, stacks: ["fake-dev"], all: true, variants, say: (text) => said.push(text) };
  };
  const file = (name: string) => path.join(plans, `${name}.txt`);

  beforeEach(async () => {
    plans = await mkdtemp(path.join(tmpdir(), "plans-"));
    project = await readProject(SHOP);
  });
  afterEach(async () => rm(plans, { recursive: true }));

  it("are written for each stack and variant, and are the same the next time", async () => {
    expect(await write(about([BLUE]))).to.equal(0);
    expect(await readdir(plans)).to.have.members(["fake-dev.txt", "fake-dev+blue.txt"]);
    expect(await readFile(file("fake-dev+blue"), "utf8")).to.contain('colour = "blue"');

    expect(await check(about([BLUE]))).to.equal(0);

    expect(said).to.have.length(3);
    expect(said[1]).to.match(/^fake-dev\+blue 4 resources, dry run \d+\.\d s, full \d+\.\d s, 0 diagnostics$/);
    expect(said[2]).to.equal("2 plans, 0 differ");
  });

  it("show what has changed since, or was never there", async () => {
    await write(about());
    const before = await readFile(file("fake-dev"), "utf8");
    await writeFile(file("fake-dev"), before.replace('colour = "red"', 'colour = "green"'));

    expect(await check(about())).to.equal(1);
    expect(said.slice(1)).to.deep.equal([
      "  box-0  test:index/thing:Thing",
      '- . colour = "green"',
      '+ . colour = "red"',
      "1 plans, 1 differ",
    ]);
    await rm(file("fake-dev"));
    expect(await check(about())).to.equal(1);
  });

  it("of a stack or variant that is gone differ, and are removed where all are written", async () => {
    await write(about());
    for (const name of ["fake-dev+blue", "fake-staging"]) await writeFile(file(name), "a plan");
    await writeFile(path.join(plans, "variants.yaml"), "{}");

    expect(await check(about())).to.equal(1);
    expect(said.slice(1)).to.deep.equal([
      "fake-dev+blue.txt is of no stack and variant",
      "fake-staging.txt is of no stack and variant",
      "1 plans, 2 differ",
    ]);
    expect(await check({ ...about(), all: false })).to.equal(0);
    expect(await write({ ...about(), all: false })).to.equal(0);
    expect(await readdir(plans)).to.have.length(4);

    expect(await write(about())).to.equal(0);
    expect(await readdir(plans)).to.have.members(["fake-dev.txt", "variants.yaml"]);
    expect(said).to.include("fake-staging.txt was of no stack and variant, and is removed");
  });

  it("are not written of a program that fails, and differ from any", async () => {
    expect(await write(about([FAILING]))).to.equal(1);
    expect(await readdir(plans)).to.deep.equal(["fake-dev.txt"]);
    expect(said.join("\n")).to.contain("full run, error: it fails");

    expect(await check(about([FAILING]))).to.equal(1);
    expect(said.at(-1)).to.equal("2 plans, 1 differ");
  });
});
