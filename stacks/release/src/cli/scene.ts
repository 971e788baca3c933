import { namesOf } from "@punctual/stack-blueprint";
import path from "node:path";
import { Checkout } from "../git/checkout.js";
import type { Journal } from "../journal.js";
import { Manifest } from "../manifest.js";
import { Pulumi } from "../pulumi/pulumi.js";
import { PulumiPlatform } from "../pulumi/pulumi-platform.js";
import { readSettingsFile } from "../pulumi/settings-file.js";
import { PulumiTraffic } from "../pulumi/traffic.js";
import { HttpSmoke } from "../smoke/http-smoke.js";
import type { Migration, Pace, World } from "../world.js";
import type { Asked } from "./asked.js";
import { journalAt } from "./journal.js";
import type { CloudParts, CloudTools, Ground } from "./parts.js";

/** What a process brings. */
export interface Surroundings {
  readonly root: string;
  readonly pulumi?: string;
  readonly smoke: { readonly token?: string; readonly url?: string };
  readonly clouds: Readonly<Record<string, () => Promise<CloudTools>>>;
  readonly pace: Pace;
  readonly print: (text: string) => void;
}

/** Everything that a command is done with. */
export interface Scene {
  readonly world: World;
  readonly platform: PulumiPlatform;
  readonly checkout: Checkout;
  readonly movesByUpdates: boolean;
}

const PROJECT = "punctual";

export async function sceneOf(asked: Asked, around: Surroundings): Promise<Scene> {
  const { stack, cloud, environment } = asked;
  const { root, pace, print } = around;
  const pulumi = new Pulumi({
    ...{ root, stack, tell: print },
    ...(around.pulumi !== undefined && { command: around.pulumi }),
  });
  const toolsOf = async (name: string) => loaded(name, around.clouds);
  const settings = (await readSettingsFile(root, stack)).config;
  const journal = await journalAt(asked.journal, root, { settings, pace }, toolsOf);
  const checkout = new Checkout(root);
  const outputs = async () => pulumi.outputs();
  const traffic = new PulumiTraffic(pulumi, { root, stack }, async () => platform.standing());
  const parts: CloudParts = (await toolsOf(cloud)).partsOf({
    ...{ settings, traffic, pace, prefix: namesOf(PROJECT, environment).prefix },
    outputs,
    known: async (commit) => checkout.migrations(commit),
    coming: async (commit) => comingOf(commit, { stack, journal, checkout, outputs }),
  });
  const artifacts = path.resolve(root, asked.artifacts);
  const planFile = path.join(root, ".punctual/plans", `${stack}.json`);
  const platform: PulumiPlatform = new PulumiPlatform(
    { pulumi, traffic, ...parts },
    { root, stack, planFile, artifacts },
  );
  const { movers, judge, migrator, movesByUpdates } = parts;
  const smoke = new HttpSmoke({ pace, ...around.smoke });
  const world = { platform, artifacts: new Manifest(artifacts), movers, judge, migrator, smoke, journal, pace };
  return { world, platform, checkout, movesByUpdates };
}

async function loaded(name: string, clouds: Surroundings["clouds"]): Promise<CloudTools> {
  const load = clouds[name];
  if (load === undefined) throw new RangeError(`There is nothing that releases on ${name} yet`);
  return load();
}

interface Known extends Pick<Ground, "outputs"> {
  readonly stack: string;
  readonly journal: Journal;
  readonly checkout: Checkout;
}

/** Migrations stay when a release is taken back, yet of one that was nobody knows how far it came. */
async function comingOf(commit: string, { stack, journal, checkout, outputs }: Known): Promise<readonly Migration[]> {
  const { entries } = await journal.read(stack);
  const last = entries.findLast(({ phase }) => phase === "released");
  const [mine, before] = await Promise.all([
    checkout.migrations(commit),
    last === undefined ? [] : checkout.migrations(last.commit),
  ]);
  // Where nothing was ever made nobody reads what could be taken away.
  if (last === undefined && Object.keys(await outputs()).length === 0)
    return mine.map(({ name }) => ({ name, kind: "expand" }));
  return mine.filter(({ name }) => !before.some((one) => one.name === name));
}
