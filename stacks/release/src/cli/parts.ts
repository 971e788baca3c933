import type { ReleaseTarget } from "@punctual/stack-blueprint";
import type { Journal } from "../journal.js";
import type { Mover, Version } from "../mover.js";
import type { Shares } from "../pulumi/settings-file.js";
import type { Traffic } from "../pulumi/traffic.js";
import type { Installed, Judge, Migration, Migrator, Pace } from "../world.js";

/** What a cloud's part of a release stands on. */
export interface Ground {
  /** `punctual-production`: what the names of an installation begin with. */
  readonly prefix: string;
  /** The stack's settings, by whole keys. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly outputs: () => Promise<Readonly<Record<string, unknown>>>;
  readonly traffic: Traffic;
  /** All migrations that a commit has. */
  readonly known: (commit: string) => Promise<readonly Migration[]>;
  /** Those of them that the last release did not have. */
  readonly coming: (commit: string) => Promise<readonly Migration[]>;
  readonly pace: Pace;
}

/** What a release needs of a cloud. */
export interface CloudParts {
  readonly movers: Readonly<Record<string, Mover>>;
  readonly judge: Judge;
  readonly migrator: Migrator;
  readonly versionOf: (target: ReleaseTarget) => Version;
  /** What everybody has, where an update of the stack would move traffic unless it is told that. */
  readonly standing?: (targets: Installed["targets"]) => Promise<Shares>;
  /** Whether traffic is moved by an update of the stack: then whoever moves it stands on the release's own commit. */
  readonly movesByUpdates: boolean;
}

export interface CloudTools {
  readonly partsOf: (ground: Ground) => CloudParts;
  /** In a bucket of this cloud. */
  readonly journalIn: (bucket: string, prefix: string, ground: Pick<Ground, "settings" | "pace">) => Journal;
}
