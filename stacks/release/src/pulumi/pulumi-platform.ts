import type { ReleaseTarget } from "@punctual/stack-blueprint";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Version } from "../mover.js";
import type { Installed, Platform } from "../world.js";
import type { Pulumi } from "./pulumi.js";
import { markDone, objectionsToPlan, readSeal, type Sealed, writeSeal } from "./seal.js";
import type { Shares } from "./settings-file.js";
import { isSame, type PulumiTraffic } from "./traffic.js";

const TARGET = z.looseObject({ workload: z.string(), kind: z.string() });
const OUTPUTS = z.object({ api: z.string(), releases: z.array(TARGET) });

export interface PlatformDeps {
  readonly pulumi: Pulumi;
  readonly traffic: PulumiTraffic;
  /** What of a target is its version. */
  readonly versionOf: (target: ReleaseTarget) => Version;
  /** The shares by which an update leaves traffic where it is; nothing where an update never moves any. */
  readonly standing?: (targets: Installed["targets"]) => Promise<Shares>;
}

/** A stack by Pulumi's own command line: what is done is what a plan says that somebody has looked at. */
export class PulumiPlatform implements Platform {
  readonly #deps: PlatformDeps;
  readonly #of: Sealed;

  constructor(deps: PlatformDeps, of: Sealed) {
    this.#deps = deps;
    this.#of = of;
  }

  async plan(commit: string): Promise<void> {
    const { pulumi, traffic } = this.#deps;
    await traffic.tell(await this.#resting());
    await mkdir(path.dirname(this.#of.planFile), { recursive: true });
    await pulumi.preview(this.#of.planFile);
    await writeSeal(commit, this.#of);
  }

  async objections(commit: string): Promise<readonly string[]> {
    const missing = await this.#deps.pulumi.version().then(
      () => [],
      (error: unknown) => [error instanceof Error ? error.message : String(error)],
    );
    const wrong = await objectionsToPlan(commit, this.#of);
    if (missing.length > 0 || wrong.length > 0) return [...missing, ...wrong];
    const shares = (await readSeal(this.#of))?.shares ?? {};
    return Object.entries(await this.#resting())
      .filter(([name, share]) => !isSame(shares[name], share))
      .map(
        ([name, { stable }]) =>
          `the plan was made before ${name} went to ${stable}: \`npm run release -- plan --stack ${this.#of.stack}\` again`,
      );
  }

  async up(commit: string): Promise<Installed> {
    const { pulumi, traffic } = this.#deps;
    const seal = await readSeal(this.#of);
    // Whoever goes on with a release may come with another plan than the one that was asked for.
    if (seal?.commit !== commit) throw new RangeError((await objectionsToPlan(commit, this.#of)).join("; "));
    if (!seal.done) {
      await traffic.tell(seal.shares);
      await pulumi.up(this.#of.planFile);
      await markDone(seal, this.#of);
    }
    return this.installed();
  }

  async installed(): Promise<Installed> {
    const found = await this.found();
    if (found === undefined) throw new RangeError(`${this.#of.stack} has no outputs: it was never made`);
    return found;
  }

  /** What is there; undefined of a stack that was never made. */
  async found(): Promise<Installed | undefined> {
    const found = await this.#outputs();
    const { versionOf } = this.#deps;
    return found && { ...found, targets: found.targets.map((target) => ({ ...target, version: versionOf(target) })) };
  }

  /** Of each target what it has; nothing where an update moves no traffic, or nothing was ever made. */
  async standing(): Promise<Shares> {
    const found = await this.found();
    return found === undefined ? {} : ((await this.#deps.standing?.(found.targets)) ?? {});
  }

  /** The same, and nothing for what is new. */
  async #resting(): Promise<Shares> {
    const standing = Object.entries(await this.standing());
    return Object.fromEntries(standing.map(([name, { stable }]) => [name, { stable, percent: 0 }]));
  }

  async #outputs(): Promise<{ readonly api: string; readonly targets: readonly ReleaseTarget[] } | undefined> {
    const outputs = await this.#deps.pulumi.outputs();
    if (Object.keys(outputs).length === 0) return undefined;
    const { api, releases } = OUTPUTS.parse(outputs);
    return { api, targets: releases as unknown as readonly ReleaseTarget[] };
  }
}
