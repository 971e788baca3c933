/*
 * The tests, by the stage of a pipeline that runs them (docs/pipelines.md): `npm run suite -- unit`. All of them together are
 * what `npm test` runs.
 */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

const testsOf = (...folders) => folders.map((folder) => `${folder}/dist/test/**/*.test.js`);

export const SUITES = {
  unit: [...testsOf("core", "sdk", "sdk/create", "simulation"), "scripts/test/**/*.test.mjs"],
  integration: testsOf("adapters/*", "adapters/redis/stack", "crash", "trials", "bench"),
  "end-to-end": testsOf("apps/*"),
  stacks: testsOf("stacks", "stacks/*", "stacks/bootstrap/*", "examples/*"),
};

/** What is measured: tests of the core. A clock that counts each step is no clock for those that must be quick. */
export const MEASURED = [...testsOf("core"), "--grep", "is quick about|made to be slow", "--invert"];

/** Mocha as `.mocharc.json` has it, but for the files. */
async function mocha(files) {
  const {
    spec: _,
    "node-option": nodeOptions,
    ...rest
  } = JSON.parse(await readFile(join(root, ".mocharc.json"), "utf8"));
  const kept = Object.entries(rest).flatMap(([name, value]) => [
    `--${name}`,
    ...(value === true ? [] : [String(value)]),
  ]);
  const program = join(dirname(createRequire(import.meta.url).resolve("mocha/package.json")), "bin/mocha.js");
  const args = ["--no-config", ...kept, ...nodeOptions.flatMap((option) => ["--node-option", option]), ...files];
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: root, stdio: "inherit" });
    child.once("error", failed).once("exit", (code) => done(code ?? 1));
  });
}

if (process.argv[1] === import.meta.filename) {
  const [name, ...more] = process.argv.slice(2);
  const files = name === "measured" ? MEASURED : SUITES[name];
  if (files === undefined) console.error(`There is no suite ${name}: ${Object.keys(SUITES).join(", ")}`);
  process.exitCode = files === undefined ? 2 : await mocha([...files, ...more]);
}
