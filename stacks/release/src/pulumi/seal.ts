import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { readSettingsFile, sha256Of } from "./settings-file.js";

const SEAL = z.object({
  commit: z.string(),
  plan: z.string(),
  settings: z.string(),
  artifacts: z.string().nullable(),
  /** The traffic that the plan leaves where it is. */
  shares: z.record(z.string(), z.object({ stable: z.string(), percent: z.number() })),
  /** Whether all of the plan is there: what it makes cannot be made again. */
  done: z.boolean().default(false),
});

/** Says of what a plan was made. */
export type Seal = z.output<typeof SEAL>;

export interface Sealed {
  readonly root: string;
  readonly stack: string;
  readonly planFile: string;
  /** The folder that has `artifacts.json`. */
  readonly artifacts: string;
}

export async function writeSeal(commit: string, of: Sealed): Promise<void> {
  const { shares } = await readSettingsFile(of.root, of.stack);
  await write({ commit, ...(await digestsOf(of)), shares, done: false }, of);
}

export async function markDone(seal: Seal, of: Sealed): Promise<void> {
  await write({ ...seal, done: true }, of);
}

/** Null where there is no plan. */
export async function readSeal(of: Sealed): Promise<Seal | null> {
  const text = await readOrNull(fileOf(of));
  return text === null ? null : SEAL.parse(JSON.parse(text.toString()));
}

/** Whatever is not as it was when the plan was made. */
export async function objectionsToPlan(commit: string, of: Sealed): Promise<readonly string[]> {
  const again = `\`npm run release -- plan --stack ${of.stack}\` makes one`;
  const seal = await readSeal(of);
  if (seal === null) return [`there is no plan of ${of.stack}: ${again}`];
  const { plan, settings, artifacts } = await digestsOf(of);
  if (plan === "") return [`there is no plan of ${of.stack} any more: ${again}`];
  return [
    ...(seal.commit === commit ? [] : [`the plan is of ${seal.commit}, and this is ${commit}: ${again}`]),
    ...(seal.plan === plan ? [] : [`the plan is not the one that was shown: ${again}`]),
    ...(seal.settings === settings ? [] : [`Pulumi.${of.stack}.yaml is not what the plan was made of: ${again}`]),
    ...(seal.artifacts === artifacts ? [] : [`artifacts.json is not what the plan was made of: ${again}`]),
  ];
}

async function digestsOf({ root, stack, planFile, artifacts }: Sealed) {
  const [plan, manifest] = await Promise.all([readOrNull(planFile), readOrNull(`${artifacts}/artifacts.json`)]);
  return {
    plan: plan === null ? "" : sha256Of(plan),
    settings: (await readSettingsFile(root, stack)).sha256,
    artifacts: manifest === null ? null : sha256Of(manifest),
  };
}

function fileOf({ planFile }: Sealed): string {
  return `${planFile}.seal`;
}

async function write(seal: Seal, of: Sealed): Promise<void> {
  await writeFile(fileOf(of), `${JSON.stringify(seal, null, 2)}\n`);
}

async function readOrNull(file: string): Promise<Buffer | null> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}
