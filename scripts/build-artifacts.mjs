/*
 * What every environment is given, made once and promoted as it is.
 *
 *   artifacts/lambda/<name>.zip      the functions (scripts/build-lambda.mjs)
 *   artifacts/image-context.tar      what the image is built of: `docker build - < artifacts/image-context.tar`
 *   artifacts/artifacts.json         the commit, and each of them by its hash
 *
 * The same commit makes the same bytes in whatever folder it stands, whenever and by whomever it is built.
 */
import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { mkdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { parseArgs, promisify } from "node:util";
import tar from "tar-stream";
import { buildLambda } from "./build-lambda.mjs";

const root = resolve(import.meta.dirname, "..");
const run = promisify(execFile);

/** Of all files one moment, and it is nobody's: what differs is what is in them. */
const MTIME = new Date(Date.UTC(2000, 0, 1));

/** @param {{ out?: string, dirty?: boolean, entries?: string, names?: readonly string[] }} [options] as `buildLambda` has them */
export async function buildArtifacts({ out = join(root, "artifacts"), dirty = false, ...lambda } = {}) {
  const changed = (await git("status", "--porcelain")).trim();
  if (changed !== "" && !dirty) {
    return { problems: [`there is work that no commit holds (--dirty builds all the same):\n${changed}`] };
  }
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const { artifacts, problems } = await buildLambda({ ...lambda, out: join(out, "lambda") });
  const context = await imageContext();
  await writeFile(join(out, "image-context.tar"), context);
  const manifest = {
    commit: `${(await git("rev-parse", "HEAD")).trim()}${changed === "" ? "" : "-dirty"}`,
    functions: Object.fromEntries(
      artifacts.map(({ name, sha256, sha256Base64, zipBytes: bytes }) => [
        name,
        { file: `lambda/${name}.zip`, sha256, sha256Base64, bytes },
      ]),
    ),
    image: { file: "image-context.tar", sha256: sha256Of(context), bytes: context.length },
  };
  await writeFile(join(out, "artifacts.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return { manifest, problems };
}

/** What the Dockerfile sees: all that git keeps, but for what .dockerignore leaves out. */
async function imageContext() {
  const isLeft = leftBy(await readFile(join(root, ".dockerignore"), "utf8"));
  const kept = (await git("ls-files", "--stage", "-z")).split("\0").filter(Boolean).map(entryOf);
  const pack = tar.pack();
  const packed = buffer(pack);
  for (const { mode, path } of kept.filter(({ path }) => isLeft(path))) {
    if (mode === LINK) {
      pack.entry({ ...header(path, 0o777), type: "symlink", linkname: await readlink(join(root, path)) });
      continue;
    }
    pack.entry(header(path, mode), await readFile(join(root, path)));
  }
  pack.finalize();
  return packed;
}

/** What a `.dockerignore` leaves: its lines are names, of what stands at the top or, behind a star pair, anywhere. */
export function leftBy(ignore) {
  const names = ignore.trim().split("\n");
  const isUnder = (path, name) =>
    name.startsWith("**/") ? path.split("/").includes(name.slice(3)) : path.split("/")[0] === name;
  return (path) => !names.some((name) => isUnder(path, name));
}

const LINK = 0o120000;

/** A line of `git ls-files --stage`: mode, object, stage, a tab, the path; sorted by the bytes of paths. */
function entryOf(line) {
  const [, mode, path] = /^(\d+) [0-9a-f]+ \d\t(.*)$/s.exec(line);
  return { mode: parseInt(mode, 8), path };
}

/** Who may run it is git's to say; who may read it is not the umask's of whoever checked it out. */
function header(name, mode) {
  return { name, mode: mode & 0o777, mtime: MTIME, uid: 0, gid: 0 };
}

async function git(...args) {
  return (await run("git", args, { cwd: root, maxBuffer: 1e8 })).stdout;
}

function sha256Of(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

if (process.argv[1] === import.meta.filename) {
  const options = { out: { type: "string" }, entries: { type: "string" }, dirty: { type: "boolean", default: false } };
  const { values } = parseArgs({ options });
  // Entries of someone's own are none of those that must be there.
  const { manifest, problems } = await buildArtifacts({
    ...values,
    ...(values.entries !== undefined && { names: [] }),
  });
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) {
    const { commit, functions, image } = manifest;
    for (const { file, sha256 } of [...Object.values(functions), image]) console.log(`${sha256}  ${file}`);
    console.log(
      `${Object.keys(functions).length} functions and an image's context of ${commit} in ${relative(process.cwd(), values.out ?? join(root, "artifacts"))}`,
    );
  }
  process.exitCode = problems.length === 0 ? 0 : 1;
}
