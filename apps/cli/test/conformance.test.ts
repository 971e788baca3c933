import { expect } from "chai";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { folder, run, runHere } from "./support/cli.js";

interface Reported {
  readonly ok: boolean;
  readonly name: string;
  readonly failed: number;
  readonly cases: readonly { readonly id: string; readonly outcome: string }[];
  readonly bench?: { readonly messages: number; readonly sendPerSecond: number };
}

describe("punctual conformance", () => {
  const files = folder();
  const kit = import.meta.resolve("@punctual/adapter-sdk/conformance");
  const right = `import { memoryHarness } from ${JSON.stringify(kit)};
    export const harness = (variables) => memoryHarness(undefined, { name: variables.PUNCTUAL_TRANSPORT_NAME ?? "memory" });`;
  const broken = `import { BROKEN_TRANSPORTS } from ${JSON.stringify(kit)};
    export const harness = () => BROKEN_TRANSPORTS.find(({ title }) => title === "retries at once").harness;`;

  it("tells of each case in a table, and ends well", async () => {
    const path = await files.put("right.mjs", right);
    const { code, out, err } = await run(["conformance", path], { env: { PUNCTUAL_TRANSPORT_NAME: "mine" } });
    expect(code).to.equal(0);
    expect(out).to.match(/^ {3}case +ms +what it asks$/m);
    expect(out).to.match(/^✓ {2}T1\.1 +\d+ +offers all that it accepted$/m);
    expect(out).to.match(/^- {2}T11\.1 .*\(skipped: promises no such order\)$/m);
    expect(err).to.match(/^mine, version 1: \d+ passed, 0 failed, \d+ skipped\n$/);
  });

  it("ends with 1 for a broken one, and says what is wrong", async () => {
    const path = await files.put("broken.mjs", broken);
    const { code, out, err } = await runHere(["conformance", path, "--only", "T5"]);
    expect(code).to.equal(1);
    expect(out)
      .to.match(/^✗ {2}T5\.1 /m)
      .and.match(/^T5\.1: came again at: expected \d+ to be at least \d+$/m);
    expect(err).to.equal("memory, version 1: 2 passed, 1 failed, 0 skipped\n");
  });

  it("tells it in JSON, with a bench where that is asked", async () => {
    const path = await files.put("json.mjs", right);
    const args = ["conformance", path, "--only", "T4.1", "--bench", "--messages", "20", "--json"];
    const { code, out, err } = await runHere(args);
    expect([code, err]).to.deep.equal([0, ""]);
    const report = JSON.parse(out) as Reported;
    expect(report).to.deep.include({ ok: true, name: "memory", failed: 0 });
    expect(report.cases.map(({ id, outcome }) => [id, outcome])).to.deep.equal([["T4.1", "passed"]]);
    expect(report.bench?.messages).to.equal(20);
    expect(report.bench?.sendPerSecond).to.be.above(0);
  });

  it("asks a package by its `conformance`", async () => {
    const home = files.at("node_modules/acme-queue");
    await mkdir(home, { recursive: true });
    await writeFile(
      join(home, "package.json"),
      `{ "name": "acme-queue", "type": "module", "exports": { "./conformance": "./kit.js" } }`,
    );
    await writeFile(join(home, "kit.js"), right);
    const { code, err } = await run(["conformance", "acme-queue", "--only", "T2"], { cwd: files.at("") });
    expect({ code, err }).to.deep.equal({ code: 0, err: "memory, version 1: 4 passed, 0 failed, 0 skipped\n" });
  });

  const wrong = [
    {
      name: "a module that is not there",
      text: null,
      more: [],
      err: /cannot be asked\n {2}its module, or one that it/,
    },
    {
      name: "a module without a harness",
      text: "export {};",
      more: [],
      err: /\n {2}its module has no export named `harness`/,
    },
    { name: "a harness that is none", text: "export const harness = () => 1;", more: [], err: /has no `open`/ },
    { name: "a promise that there is not", text: right, more: ["--only", "T99"], err: /no case has the id T99\n$/ },
  ];
  for (const { name, text, more, err } of wrong) {
    it(`ends with 2 for ${name}`, async () => {
      const path = text === null ? files.at("nowhere.mjs") : await files.put(`${name.replaceAll(" ", "-")}.mjs`, text);
      const ended = await runHere(["conformance", pathToFileURL(path).href, ...more]);
      expect(ended).to.include({ code: 2, out: "" });
      expect(ended.err).to.match(err);
    });
  }
});
