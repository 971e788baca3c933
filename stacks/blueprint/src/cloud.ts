import type { Input, Output } from "@pulumi/pulumi";
import type { Blueprint } from "./blueprint.js";
import type { Reading } from "./settings.js";
import type { MakeTransport } from "./transport.js";
import type { QueueName, WorkloadName } from "./workloads.js";

/** What can be released by itself: the release tool shifts traffic to it. */
export interface ReleaseTarget {
  readonly workload: WorkloadName;
  /** How traffic is shifted: `lambda`, `ecs` or `cloud-run`. */
  readonly kind: string;
  /** What the tool must know of it, by names of its kind. */
  readonly [detail: string]: Input<string>;
}

/** What whoever runs a platform, or builds upon it, is told of it. */
export interface PlatformOutputs {
  /** Where the API answers. */
  readonly api: Output<string>;
  readonly console?: Output<string>;
  readonly queues: Readonly<Partial<Record<QueueName, Output<string>>>>;
  readonly releases: Output<readonly ReleaseTarget[]>;
  readonly dashboards: readonly Output<string>[];
  /** By names of the cloud's own, how the task that migrates is run, where it is called by more than a name. */
  readonly migration?: Output<Readonly<Record<string, string>>>;
  /** The SQL that an administrator runs once, where a cloud makes users of a database and not their rights. */
  readonly databaseRoles?: Output<string>;
}

/**
 * A cloud that Punctual can be put on. Another is one folder with one of these, and one line in `stacks/src/clouds.ts`.
 *   C1. `readSettings` and `objections` register nothing, and tell everything that is wrong at once;
 *   C2. every workload of the blueprint runs, with the variables and the permissions that its needs make, and no others;
 *   C3. every queue is there, and gives to its dead letters what was taken as often as the blueprint says;
 *   C4. every objective of the blueprint is watched;
 *   C5. everything has the platform among its ancestors, and an explicit provider;
 *   C6. a transport that is given is made once, and whoever carries messages is told of it; or `objections` refuses it.
 */
export interface Cloud<Own = unknown> {
  readonly name: string;
  /** The settings under its own name, or all that is wrong with them. */
  readSettings(own: unknown): Reading<Own>;
  /** What of its settings the blueprint forbids; nothing is an empty list. */
  objections(own: Own, blueprint: Blueprint): readonly string[];
  /** Registers everything; the transport is the one that the settings name. */
  provision(own: Own, blueprint: Blueprint, transport?: MakeTransport): PlatformOutputs;
}
