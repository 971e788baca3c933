import type { ReleaseTarget } from "@punctual/stack-blueprint";
import type { Journal } from "./journal.js";
import type { Mover, Version } from "./mover.js";

/** What can be released of a stack, and where it answers. */
export interface Installed {
  readonly api: string;
  readonly targets: readonly (ReleaseTarget & { readonly version: Version })[];
}

/**
 * The stack itself.
 *   P1. `up` makes everything as this commit's plan says, and moves no traffic; asked again it changes nothing;
 *   P2. `objections` changes nothing, and tells why `up` must not be: a plan that was made of something else.
 */
export interface Platform {
  objections(commit: string): Promise<readonly string[]>;
  up(commit: string): Promise<Installed>;
}

/**
 * The tables.
 *   D1. `pending` changes nothing, and tells which migrations are to come, and whether what runs now can live with each;
 *   D2. `migrate` brings the tables to what this commit knows; asked again it changes nothing.
 */
export interface Migrator {
  pending(commit: string): Promise<readonly Migration[]>;
  migrate(commit: string): Promise<void>;
}

export interface Migration {
  readonly name: string;
  /** `expand` only adds: the version before runs on. */
  readonly kind: "expand" | "contract";
}

/** What was built. */
export interface Artifacts {
  /** What is not what the manifest says it is. */
  objections(commit: string): Promise<readonly string[]>;
}

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly because: string };

export const GOOD: Verdict = { ok: true };

/** Whether it goes well with these targets, by their alarms: errors, and how long answers take. Of none it is the whole stack. */
export interface Judge {
  verdict(targets: readonly ReleaseTarget[]): Promise<Verdict>;
}

/** Asks an installation, as a user would, whether it works. */
export interface Smoke {
  run(api: string): Promise<Verdict>;
}

export interface Pace {
  now(): number;
  wait(ms: number): Promise<void>;
}

/** All that a release touches. */
export interface World {
  readonly platform: Platform;
  readonly migrator: Migrator;
  readonly artifacts: Artifacts;
  /** By the kind of a target. */
  readonly movers: Readonly<Record<string, Mover>>;
  readonly judge: Judge;
  readonly smoke: Smoke;
  readonly journal: Journal;
  readonly pace: Pace;
}
