import { execFile } from "node:child_process";
import { glob, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const MAIN = "apps/standalone/dist/src/main.js";
const MIGRATIONS = "adapters/postgres/src/migrations";
const OURS = "@punctual";

/** The program as it was at a commit, or is now. */
export interface Release {
  readonly name: string;
  /** The file that starts it. */
  readonly main: string;
  /** Its migrations, in their order. */
  readonly migrations: readonly string[];
  remove(): Promise<void>;
}

/** What is built in this folder. */
export async function thisRelease(): Promise<Release> {
  const migrations = await migrationsIn(ROOT);
  return { name: "N", main: join(ROOT, MAIN), migrations, remove: async () => undefined };
}

/** Takes a commit out of git into a folder of its own and makes it run there, on the packages that are installed here. */
export async function releaseOf(ref: string): Promise<Release> {
  const { stdout } = await run("git", ["rev-parse", "--verify", "--short", `${ref}^{commit}`], { cwd: ROOT });
  const commit = stdout.trim();
  const folder = await mkdtemp(join(tmpdir(), "punctual-release-"));
  const remove = async () => rm(folder, { recursive: true, force: true });
  try {
    const archive = join(folder, "release.tar");
    await run("git", ["archive", `--output=${archive}`, commit], { cwd: ROOT });
    await run("tar", ["-xf", archive, "-C", folder]);
    await linkPackages(folder);
    await compile(folder);
    return { name: commit, main: join(folder, MAIN), migrations: await migrationsIn(folder), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The last commit with other migrations than now; if there is none, the one before this. */
export async function releaseBefore(): Promise<string> {
  const which = ["--no-renames", "--diff-filter=AD", "--format=%H", "-1", "--", `${MIGRATIONS}/0*.ts`];
  const { stdout } = await run("git", ["log", ...which], { cwd: ROOT });
  const changed = stdout.trim();
  const others = await run("git", ["rev-parse", "--verify", "--quiet", `${changed}^`], { cwd: ROOT }).catch(() => null);
  return changed === "" || others === null ? "HEAD~1" : others.stdout.trim();
}

async function migrationsIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(join(folder, MIGRATIONS));
  return files
    .filter((name) => /^\d{4}-.*\.ts$/.test(name))
    .map((name) => name.replace(/\.ts$/, ""))
    .sort();
}

/** What is ours is taken from the folder, everything else from here. */
async function linkPackages(folder: string): Promise<void> {
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, OURS), { recursive: true });
  for (const name of await readdir(join(ROOT, "node_modules"))) {
    if (name !== OURS) await symlink(join(ROOT, "node_modules", name), join(modules, name));
  }
  for await (const path of glob("**/package.json", { cwd: folder, exclude: (name) => name === "node_modules" })) {
    const { name } = JSON.parse(await readFile(join(folder, path), "utf8")) as { name?: string };
    if (name?.startsWith(`${OURS}/`) !== true) continue;
    await symlink(join(folder, dirname(path)), join(modules, name));
  }
}

/** Its types were checked when it was committed: without them it is what `tsc` makes of it. */
async function compile(folder: string): Promise<void> {
  for await (const path of glob("{core,sdk,adapters/*,apps/*}/src/**/*.ts", { cwd: folder })) {
    const [, home = "", file = ""] = /^(.*?)\/(src\/.*)\.ts$/.exec(path) ?? [];
    const made = join(folder, home, "dist", `${file}.js`);
    await mkdir(dirname(made), { recursive: true });
    await writeFile(made, stripTypeScriptTypes(await readFile(join(folder, path), "utf8")));
  }
}
