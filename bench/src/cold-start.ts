import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median } from "./figures.js";
import type { Options } from "./options.js";
import { printTable, publish } from "./report.js";
import { judge, type Target, type Verdict } from "./verdict.js";

/** What all functions together read when they are loaded: none connects to anything by then. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  AWS_REGION: "eu-central-1",
  PUNCTUAL_DATABASE_URL: "postgres://punctual@database.invalid/punctual",
  PUNCTUAL_TRANSPORT_QUEUE_URL: "https://sqs.eu-central-1.amazonaws.com/000000000000/events",
  PUNCTUAL_TRANSPORT_DEAD_LETTER_URL: "https://sqs.eu-central-1.amazonaws.com/000000000000/dead-letters",
  PUNCTUAL_SECRET_KEYS: Buffer.alloc(32, "key").toString("base64"),
  PUNCTUAL_KMS_KEYS: "alias/punctual",
  PUNCTUAL_AUTH: "secret",
  PUNCTUAL_AUTH_SECRET: "as long as a secret of an issuer must be",
  PUNCTUAL_AUTH_ISSUER: "https://issuer.invalid",
  PUNCTUAL_AUTH_AUDIENCE: "punctual",
};

const MOST_MS_ABOVE_EMPTY = 250;
const MOST_MB = 5;
const WARM_UPS = 2;

const ROOT = fileURLToPath(new URL("../../../", import.meta.url)); // from bench/dist/src/
const BUILD = join(ROOT, "scripts/build-lambda.mjs");
const BUNDLES = join(ROOT, "apps/functions/dist/lambda");

const EMPTY = "empty";
const EMPTY_HANDLER = "export const handler = async () => ({});\n";

/** Only the import is timed: a bare process takes as long for every bundle. */
const MEASURE = `
  const from = performance.now();
  await import("./index.mjs");
  console.log(performance.now() - from);
  process.exit(); // what a bundle opens as it is loaded stays open`;

const run = promisify(execFile);

interface Bundle {
  readonly name: string;
  readonly bytes: number;
  readonly zipBytes: number;
  readonly folder: string;
}

interface Start {
  readonly importMs: number;
  readonly processMs: number;
}

/** How long each function's bundle takes to be loaded, above one that does nothing, in fresh processes in turns. */
export async function coldStart({ rounds = 11 }: Options): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), "punctual-cold-start-"));
  try {
    const bundles = [...(await emptyBundle(folder)), ...(await functionBundles(folder))];
    const starts = new Map<string, Start[]>(bundles.map(({ name }) => [name, []]));
    for (let round = -WARM_UPS; round < rounds; round++) {
      for (const { name, folder: place } of bundles) {
        const start = await startIn(place);
        if (round >= 0) starts.get(name)!.push(start);
      }
    }
    return judged(bundles, starts, rounds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function judged(bundles: readonly Bundle[], starts: ReadonlyMap<string, readonly Start[]>, rounds: number): Verdict {
  const empty = starts.get(EMPTY)!;
  const results = bundles.map(({ name, bytes, zipBytes }) => {
    const own = starts.get(name)!;
    const importMs = median(own.map((start) => start.importMs));
    const processMs = median(own.map((start) => start.processMs));
    // Of single rounds, so that both halves of each come from the same minute.
    const aboveEmptyMs = median(own.map((start, round) => start.importMs - empty[round]!.importMs));
    return { name, bytes, zipBytes, importMs, aboveEmptyMs, processMs };
  });
  printTable([
    ["bundle", "KiB", "zip KiB", "import ms", "above empty ms", "process ms"],
    ...results.map(({ name, bytes, zipBytes, importMs, aboveEmptyMs, processMs }) => {
      return [name, kib(bytes), kib(zipBytes), importMs.toFixed(1), aboveEmptyMs.toFixed(1), processMs.toFixed(1)];
    }),
  ]);
  const functions = results.filter(({ name }) => name !== EMPTY);
  const figures = functions.flatMap(({ name, bytes, aboveEmptyMs }): [string, number, Target][] => [
    [`${name}, ms above empty`, aboveEmptyMs, { atMost: MOST_MS_ABOVE_EMPTY }],
    [`${name}, MB`, bytes / 1_000_000, { atMost: MOST_MB }],
  ]);
  const ratios = Object.fromEntries(figures.map(([name, value]) => [name, value]));
  const targets = Object.fromEntries(figures.map(([name, , target]) => [name, target]));
  return publish(judge("cold-start", ratios, targets), { rounds, warmUps: WARM_UPS, results });
}

async function emptyBundle(folder: string): Promise<readonly Bundle[]> {
  const [entries, out] = [join(folder, "entries"), join(folder, "built")];
  await mkdir(entries);
  await writeFile(join(entries, `${EMPTY}.mjs`), EMPTY_HANDLER);
  await run(process.execPath, [BUILD, "--entries", entries, "--out", out]);
  return bundlesIn(out, folder);
}

async function functionBundles(folder: string): Promise<readonly Bundle[]> {
  await run(process.execPath, [BUILD]);
  return bundlesIn(BUNDLES, folder);
}

/** Copied to where no packages are above them: a bundle that finds some loads them too. */
async function bundlesIn(out: string, folder: string): Promise<readonly Bundle[]> {
  const artifacts = JSON.parse(await readFile(join(out, "artifacts.json"), "utf8")) as readonly Omit<
    Bundle,
    "folder"
  >[];
  return Promise.all(
    artifacts.map(async ({ name, bytes, zipBytes }) => {
      const place = join(folder, name);
      await cp(join(out, name), place, { recursive: true });
      return { name, bytes, zipBytes, folder: place };
    }),
  );
}

async function startIn(folder: string): Promise<Start> {
  const from = performance.now();
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", MEASURE], {
    cwd: folder,
    env: { ...ENVIRONMENT },
  });
  const processMs = performance.now() - from;
  const importMs = Number(stdout.trim().split("\n").at(-1));
  if (!(importMs > 0)) throw new Error(`A bundle did not say how long it took but: ${stdout}`);
  return { importMs, processMs };
}

function kib(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}
