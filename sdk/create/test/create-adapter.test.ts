import { transportCases, memoryHarness } from "@punctual/adapter-sdk/conformance";
import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { CannotCreate, createAdapter } from "../src/create-adapter.js";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe("create-punctual-adapter", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "create-punctual-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const node = async (args: readonly string[], cwd: string) => {
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
    const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const closed = once(child, "close") as Promise<[code: number | null]>;
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    return { code, out, err };
  };
  const create = (...args: string[]) => node([at("bin/create-punctual-adapter.js"), ...args], folder);

  it("makes a project that compiles, fails its suite until it is written, and passes it then", async function () {
    this.timeout(240_000);
    const { code, out } = await create("my-queue");
    expect(code).to.equal(0);
    expect(out)
      .to.match(/^my-queue\/\n {2}\.gitignore\n/)
      .and.include("  src/transport.ts\n");
    const home = join(folder, "my-queue");
    await symlink(at("../../node_modules"), join(home, "node_modules"));
    const build = () => node([join(home, "node_modules/typescript/bin/tsc")], home);
    const suite = () => node(["--test", "--test-reporter=tap", "dist/test/conformance.test.js"], home);

    expect(await build()).to.deep.equal({ code: 0, out: "", err: "" });
    const unwritten = await suite();
    expect(unwritten.code).to.equal(1);
    expect(unwritten.out).to.match(/not ok \d+ - T1\.1 offers all that it accepted/);
    expect(unwritten.out).to.include("send is not written yet");

    await copyFile(at("test/support/written-transport.ts"), join(home, "src/transport.ts"));
    expect(await build()).to.deep.equal({ code: 0, out: "", err: "" });
    const written = await suite();
    expect(written.out.match(/^ *not ok .*$/gm) ?? []).to.deep.equal([]);
    expect(written.out).to.match(/ok \d+ - T9\.6 takes no dead letter/);
    expect(written.code).to.equal(0);
  });

  it("tells of every promise in the README", async () => {
    await createAdapter("readme", join(folder, "readme"));
    const readme = await readFile(join(folder, "readme", "README.md"), "utf8");
    const promises = new Set(transportCases(memoryHarness()).map(({ promise }) => promise));
    for (const promise of promises) expect(readme).to.match(new RegExp(`^\\| ${promise} +\\|`, "m"));
  });

  for (const [name, title] of [
    ["9-lives", "The9LivesTransport"],
    ["acme.queue_2", "AcmeQueue2Transport"],
  ] as const) {
    it(`calls the class of ${name} ${title}`, async () => {
      await createAdapter(name, join(folder, name));
      expect(await readFile(join(folder, name, "src/transport.ts"), "utf8")).to.include(`export class ${title} `);
    });
  }

  it("takes a folder that is empty", async () => {
    await mkdir(join(folder, "empty"));
    expect(await createAdapter("empty", join(folder, "empty"))).to.include("package.json");
  });

  for (const name of ["", "My-Queue", "../up", "a/b", ".hidden", "a--b", "-", "a b", "a\n", "x".repeat(101)]) {
    it(`refuses the name ${JSON.stringify(name.slice(0, 20))}`, async () => {
      const target = join(folder, "never");
      const error = await createAdapter(name, target).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(CannotCreate);
      expect(await readdir(folder)).not.to.include("never");
    });
  }

  it("leaves alone a folder that holds something, and says so", async () => {
    await mkdir(join(folder, "full"));
    await writeFile(join(folder, "full", "a.txt"), "mine");
    const { code, out, err } = await create("full");
    expect({ code, out, err }).to.deep.equal({
      ...{ code: 2, out: "" },
      err: "create-punctual-adapter: the folder full is there already, and not empty\n",
    });
    expect(await readdir(join(folder, "full"))).to.deep.equal(["a.txt"]);
  });

  it("leaves alone a file of that name", async () => {
    await writeFile(join(folder, "file"), "mine");
    expect((await create("file")).err).to.include("a file of that name is there already");
  });

  for (const args of [[], ["--help"], ["one", "two"]]) {
    it(`asks for one name where it is given ${JSON.stringify(args)}`, async () => {
      const { code, err } = await create(...args);
      expect({ code, err }).to.deep.equal({
        ...{ code: 2, err: "create-punctual-adapter: say one name: npm create punctual-adapter my-queue\n" },
      });
    });
  }
});
