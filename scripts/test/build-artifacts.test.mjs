import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { expect } from "chai";
import tar from "tar-stream";
import { checkout, placesIn } from "./support/checkout.mjs";

const run = promisify(execFile);

const entries = {
  "one.ts": `export const handler = async () => "one";`,
  "other.ts": `import { add } from "../add.js"; export const handler = async () => add(1, 2);`,
};

describe("build-artifacts", () => {
  let folder;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "punctual-artifacts-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A repository with one commit. */
  async function repository(name) {
    const home = await checkout(join(folder, name), entries);
    await writeFile(join(home, "apps/functions/src/aws/add.ts"), "export const add = (a: number, b: number) => a + b;");
    await writeFile(join(home, ".gitignore"), "node_modules\nout\n");
    await writeFile(join(home, ".dockerignore"), "**/node_modules\n.git\ndocs\n");
    await writeFile(join(home, "start.sh"), "#!/bin/sh\n");
    await chmod(join(home, "start.sh"), 0o755);
    await symlink("start.sh", join(home, "run.sh"));
    await run("git", ["init", "--quiet"], { cwd: home });
    await committed(home);
    return home;
  }

  async function committed(home) {
    const who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.com", "-c", "commit.gpgsign=false"];
    await run("git", ["add", "--all"], { cwd: home });
    const env = { ...process.env, GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z", GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z" };
    await run("git", [...who, "commit", "--quiet", "--message", "all"], { cwd: home, env });
  }

  async function built(home, { env = {}, args = [] } = {}) {
    const { entries: sources, out } = placesIn(home);
    const script = join(home, "scripts/build-artifacts.mjs");
    await run(process.execPath, [script, "--entries", sources, "--out", out, ...args], {
      cwd: "/",
      env: { PATH: process.env.PATH, ...env },
    });
    const manifest = JSON.parse(await readFile(join(out, "artifacts.json"), "utf8"));
    return { manifest, bytes: (file) => readFile(join(out, file)) };
  }

  it("makes the same bytes of one commit in any folder, in any zone and under any umask", async () => {
    const one = await built(await repository("one"), { env: { TZ: "Pacific/Auckland" } });
    const umask = process.umask(0o077);
    const home = await repository("in/another/folder").finally(() => process.umask(umask));
    const other = await built(home, { env: { TZ: "America/St_Johns" } });

    expect(one.manifest).to.deep.equal(other.manifest);
    const { functions, image, commit } = one.manifest;
    expect(commit).to.match(/^[0-9a-f]{40}$/);
    expect(Object.keys(functions)).to.deep.equal(["one", "other"]);
    for (const { file, sha256, bytes } of [...Object.values(functions), image]) {
      const made = await one.bytes(file);
      expect(made.equals(await other.bytes(file)), file).to.equal(true);
      expect([createHash("sha256").update(made).digest("hex"), made.length], file).to.deep.equal([sha256, bytes]);
    }
  });

  it("gives another hash to what was changed, and to nothing else", async () => {
    const home = await repository("one");
    const before = (await built(home)).manifest;
    await appendFile(join(home, "apps/functions/src/aws/add.ts"), " export const none = add(0, 0);console.log(none);");
    await committed(home);
    const after = (await built(home)).manifest;

    expect(after.functions.one).to.deep.equal(before.functions.one);
    expect(after.functions.other.sha256).not.to.equal(before.functions.other.sha256);
    expect(after.image.sha256).not.to.equal(before.image.sha256);
    expect(after.commit).not.to.equal(before.commit);
  });

  it("has in the context what git keeps, as git keeps it, and nothing that the image is not built of", async () => {
    const home = await repository("one");
    for (const one of ["docs", "core/docs"]) {
      await mkdir(join(home, one));
      await writeFile(join(home, one, "about.md"), "x");
    }
    await committed(home);
    const { manifest, bytes } = await built(home);
    const found = new Map();
    const extract = tar.extract();
    Readable.from([await bytes(manifest.image.file)]).pipe(extract);
    for await (const entry of extract) found.set(entry.header.name, { ...entry.header, text: await text(entry) });

    expect([...found.keys()]).to.include.members(["apps/functions/src/aws/add.ts", "start.sh", "run.sh"]);
    expect(found.has("core/docs/about.md")).to.equal(true); // what is left out stands at the top
    expect([...found.keys()].filter((name) => /node_modules|^docs|^out/.test(name))).to.deep.equal([]);
    expect(found.get("start.sh")).to.include({ mode: 0o755, uid: 0, text: "#!/bin/sh\n" });
    expect(found.get(".gitignore")).to.include({ mode: 0o644, gid: 0 });
    expect(found.get("run.sh")).to.include({ type: "symlink", linkname: "start.sh" });
  });

  it("builds of a commit alone, unless it is told otherwise, and then says so", async () => {
    const home = await repository("one");
    await writeFile(join(home, "start.sh"), "#!/bin/sh\nexit 1\n");
    const refused = await built(home).catch((error) => error);
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.contain("no commit holds").and.contain("start.sh");

    const { manifest } = await built(home, { args: ["--dirty"] });
    expect(manifest.commit).to.match(/^[0-9a-f]{40}-dirty$/);
  });
});
