import { glob, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { SUITES } from "../suites.mjs";

const root = resolve(import.meta.dirname, "../..");
const found = (patterns) => Array.fromAsync(glob(patterns, { cwd: root, exclude: (name) => name === "node_modules" }));

describe("The suites of pipelines", () => {
  it("are together all tests, and none of them twice", async () => {
    const { spec } = JSON.parse(await readFile(join(root, ".mocharc.json"), "utf8"));
    const bySuite = await Promise.all(Object.values(SUITES).map(found));

    expect(bySuite.flat().toSorted()).to.deep.equal((await found(spec)).toSorted());
    expect(bySuite.every((files) => files.length > 0)).to.equal(true);
  });

  it("measure the core, and want four fifths of it", async () => {
    const settings = JSON.parse(await readFile(join(root, ".c8rc.json"), "utf8"));

    expect(settings).to.include({ all: true, "check-coverage": true, lines: 80, branches: 80, functions: 80 });
    expect(settings.include).to.deep.equal(["core/dist/src/**/*.js"]);
    // Suites for adapters are tests, wherever they stand.
    expect(settings.exclude).to.deep.equal(["core/dist/src/conformance/**"]);
  });
});
