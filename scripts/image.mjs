/*
 * The image of a commit, made of what was built once.
 *
 *   npm run image -- build     of artifacts/image-context.tar, and nothing else, into image.tar
 *   npm run image -- scan      ends with 1 where it has what somebody has mended already
 */
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";

/** By its content: a tag of a scanner has been moved before. */
const SCANNER = "aquasec/trivy:0.69.3@sha256:bcc376de8d77cfe086a917230e818dc9f8528e3c852f7b1aff648949b6258d1c";

/** What was built, or why it cannot be what it says it is. */
export async function readManifest(artifacts) {
  const manifest = JSON.parse(await readFile(join(artifacts, "artifacts.json"), "utf8"));
  const files = [...Object.values(manifest.functions), manifest.image];
  for (const { file, sha256 } of files) {
    const found = createHash("sha256");
    await pipeline(createReadStream(join(artifacts, file)), found);
    if (found.digest("hex") !== sha256) throw new Error(`${file} is not what artifacts.json says it is`);
  }
  return manifest;
}

export const tagOf = ({ commit }) => `punctual:${commit}`;

/** Runs a program to its end, and answers what it printed where that is wanted; `input` is a stream or a text. */
export async function run(command, args, { input, quiet = false, env = process.env } = {}) {
  const stdio = [input === undefined ? "ignore" : "pipe", quiet ? "pipe" : "inherit", "inherit"];
  const child = spawn(command, args, { stdio, env });
  const said = [];
  child.stdout?.on("data", (chunk) => said.push(chunk));
  const over = new Promise((done, failed) => child.once("error", failed).once("close", done));
  // Who ends without reading on says why itself.
  if (input !== undefined) await pipeline(input, child.stdin).catch(() => undefined);
  const code = await over;
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code}`);
  return Buffer.concat(said).toString("utf8");
}

async function build({ artifacts, image }) {
  const manifest = await readManifest(artifacts);
  const context = createReadStream(join(artifacts, manifest.image.file));
  await run("docker", ["build", "--pull", "--tag", tagOf(manifest), "-"], { input: context });
  await run("docker", ["save", "--output", image, tagOf(manifest)]);
}

async function scan({ image, cache }) {
  await mkdir(cache, { recursive: true });
  const mounts = ["--volume", `${resolve(image)}:/image.tar:ro`, "--volume", `${resolve(cache)}:/root/.cache/trivy`];
  const gate = ["--severity", "HIGH,CRITICAL", "--ignore-unfixed", "--exit-code", "1"];
  await run("docker", ["run", "--rm", ...mounts, SCANNER, "image", "--input", "/image.tar", ...gate]);
}

const COMMANDS = { build, scan };

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      artifacts: { type: "string", default: "artifacts" },
      image: { type: "string", default: "image.tar" },
      cache: { type: "string", default: ".punctual/trivy" },
    },
  });
  const command = COMMANDS[positionals[0]];
  try {
    if (command === undefined) throw new Error(`npm run image -- ${Object.keys(COMMANDS).join("|")}`);
    await command(values);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
