/*
 * One bundle for each function that runs on Lambda, straight from the TypeScript sources, and its archive.
 *
 *   dist/lambda/<name>/index.mjs   the bundle, alone in its folder: what is deployed
 *   dist/lambda/<name>.zip         the same as an archive
 *   dist/lambda/<name>.mjs.map     where the bundle's lines come from; not deployed
 *   dist/lambda/artifacts.json     what was made, by its hashes
 *
 * The same sources make the same bytes, in whatever folder they stand and whenever they are built: an unchanged function is
 * no new version of it.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { zipSync } from "fflate";

const root = resolve(import.meta.dirname, "..");
const ENTRIES = join(root, "apps/functions/src/aws/entries");
const OUT = join(root, "apps/functions/dist/lambda");

/** The functions that a stack deploys: one that is missing is noticed here, not there. */
export const NAMES = ["api", "authorizer", "dead-letters", "health", "migrate", "scheduler", "worker"];

/** Lambda starts more slowly the more there is to load. */
export const MOST_BYTES = 5_000_000;

// Packages in CommonJS ask for Node's modules by `require`, which a module does not have by itself.
const BANNER = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

/**
 * Node's modules by `require`: an `import` reads at once all that a module exports, and for its WebSocket `node:http` then
 * loads an undici of Node's own.
 */
const builtins = {
  name: "builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind }) =>
      isBuiltin(path) && /^(?:import-statement|dynamic-import)$/.test(kind)
        ? { path, namespace: "builtin" }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/**
 * Of a package in CommonJS esbuild takes all or nothing. This is what is used; other names fail the build. `dispatch` is the
 * only way to ask that clients have here.
 */
const UNDICI = `
  export { default as Client } from "./lib/dispatcher/client.js";
  export { default as Pool } from "./lib/dispatcher/pool.js";
  export { default as errors } from "./lib/core/errors.js";`;

/** On Lambda credentials are in the environment, or at an address that is named there. Others are clients of other services. */
const NO_PROFILES = `
  import { CredentialsProviderError } from "@smithy/core/config";
  const none = () => async () => { throw new CredentialsProviderError("There are no profiles on Lambda"); };
  export { none as fromIni, none as fromProcess, none as fromSSO, none as fromTokenFile };`;

/** What no function uses, and esbuild by itself does not leave out. */
const unused = {
  name: "unused",
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/undici\/index\.js$/ }, () => ({ contents: UNDICI }));
    // For HTTP/2, which receivers are not offered; it would load `node:http2`.
    onLoad({ filter: /\/undici\/lib\/dispatcher\/client-h2\.js$/ }, () => ({ contents: "" }));
    onLoad({ filter: /\/@aws-sdk\/credential-provider-(ini|process|sso|web-identity)\/dist-es\/index\.js$/ }, () => ({
      contents: NO_PROFILES,
    }));
    onLoad({ filter: /\/node_modules\/mime-db\/db\.json$/ }, async ({ path }) => ({
      contents: JSON.stringify(fewTypes(JSON.parse(await readFile(path, "utf8")))),
      loader: "json",
    }));
    // esbuild leaves out what is not used of a namespace only where it is imported as one.
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/^import \{ z \} from "zod";$/m, 'import * as z from "zod";'),
      loader: "ts",
    }));
  },
};

/** Koa asks for charsets, by type, and for the types of the few endings that it uses itself. */
function fewTypes(types) {
  const endings = ["bin", "html", "json", "text"];
  const kept = ({ charset, extensions = [] }) =>
    charset !== undefined || extensions.some((one) => endings.includes(one));
  return Object.fromEntries(Object.entries(types).filter(([, type]) => kept(type)));
}

/**
 * Bundles every file of a folder, and answers what it made and what is wrong with it.
 *
 * @param {{ entries?: string, out?: string, names?: readonly string[], mostBytes?: number }} [options]
 *   `names` are those that must be among the entries. The folder `out` is emptied first.
 */
export async function buildLambda({ entries = ENTRIES, out = OUT, names = NAMES, mostBytes = MOST_BYTES } = {}) {
  const found = (await readdir(entries).catch(none))
    .filter((file) => /(?<!\.d)\.m?[jt]s$/.test(file))
    .map((file) => ({ name: file.replace(/\.m?[jt]s$/, ""), file: join(entries, file) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const artifacts = [];
  const problems = names.filter((name) => !found.some((one) => one.name === name)).map((name) => `${name} is missing`);
  for (const { name, file } of found) {
    const { code, map, exported } = await bundle(file);
    const zip = archive(code);
    await mkdir(join(out, name));
    await writeFile(join(out, name, "index.mjs"), code);
    await writeFile(join(out, `${name}.mjs.map`), map);
    await writeFile(join(out, `${name}.zip`), zip);
    const digest = createHash("sha256").update(zip).digest();
    artifacts.push({
      name,
      sha256: digest.toString("hex"),
      sha256Base64: digest.toString("base64"), // as Lambda states it: CodeSha256
      bytes: code.length,
      zipBytes: zip.length,
    });
    if (code.length > mostBytes) problems.push(`${name} has ${code.length} bytes, more than ${mostBytes}`);
    if (!exported.includes("handler")) problems.push(`${name} exports no handler`);
  }
  await writeFile(join(out, "artifacts.json"), `${JSON.stringify(artifacts, null, 2)}\n`);
  return { artifacts, problems };
}

async function bundle(file) {
  const { outputFiles, metafile } = await build({
    entryPoints: [file],
    outfile: join(root, "index.mjs"), // not written: paths in the source map start at its folder
    write: false,
    metafile: true,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    conditions: ["@punctual/source", "module"],
    mainFields: ["module", "main"],
    external: ["pg-native", "cloudflare:sockets"], // pg asks for them where they are
    minify: true,
    legalComments: "eof",
    sourcemap: "external",
    banner: { js: BANNER },
    plugins: [builtins, unused],
    logLevel: "error",
  });
  const contentsOf = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).contents;
  const map = JSON.parse(Buffer.from(contentsOf(".map")).toString());
  // A source outside of the checkout is known by its name alone: its folder is this machine's.
  map.sources = map.sources.map((source) => (source.startsWith("../") ? basename(source) : source));
  const exported = Object.values(metafile.outputs).flatMap((output) => output.exports);
  return { code: contentsOf("index.mjs"), map: `${JSON.stringify(map)}\n`, exported };
}

/** The bundle alone, readable by everyone, as Lambda wants it. */
export function archive(code) {
  // An archive has the time of day without a zone, and fflate takes that of the machine's: so this is the same in each.
  const mtime = new Date(2000, 0, 1, 12);
  return zipSync({ "index.mjs": [code, { level: 9, mtime, os: 3, attrs: (0o100644 << 16) >>> 0 }] });
}

function none(error) {
  if (error.code === "ENOENT") return [];
  throw error;
}

function table(artifacts) {
  const kib = (bytes) => (bytes / 1024).toFixed(0);
  const rows = [
    ["function", "KiB", "zip KiB", "sha256 of the zip"],
    ...artifacts.map(({ name, bytes, zipBytes, sha256 }) => [name, kib(bytes), kib(zipBytes), sha256]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => row.map((cell, column) => cell[column % 3 === 0 ? "padEnd" : "padStart"](widths[column])).join("  "))
    .join("\n");
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { entries: { type: "string" }, out: { type: "string" } } });
  const { entries, out } = values;
  // Entries of someone's own are none of those that must be there.
  const { artifacts, problems } = await buildLambda({ entries, out, ...(entries !== undefined && { names: [] }) });
  console.log(table(artifacts));
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(`${artifacts.length} functions in ${relative(process.cwd(), out ?? OUT)}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
