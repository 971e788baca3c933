import type { Input } from "@pulumi/pulumi";
import type { Blueprint, SecretName } from "@punctual/stack-blueprint";
import type { GcpSettings } from "../settings.js";

export const CONTAINERS = ["api", "worker", "migrate"] as const;
export type ContainerName = (typeof CONTAINERS)[number];

/** One version of a secret: instances of one revision would have different ones otherwise. */
export interface SecretPart {
  readonly secret: Input<string>;
  readonly version: Input<string>;
}

/** An OpenTelemetry collector, and what it reads as `COLLECTOR_CONFIG`; it takes OTLP at port 4318 by HTTP. */
export interface CollectorPart {
  readonly image: string;
  readonly config: Input<string>;
}

export interface ContainersArgs {
  readonly blueprint: Blueprint;
  readonly own: GcpSettings;
  /** Where the database is. */
  readonly network: { readonly network: Input<string>; readonly subnetwork: Input<string> };
  /** The address of the account of each, whose rights are granted already. */
  readonly accounts: Readonly<Record<ContainerName, Input<string>>>;
  /** The database as each logs in to it: by the name of its account, and without a password. */
  readonly databaseUrls: Readonly<Record<ContainerName, Input<string>>>;
  readonly secrets: Readonly<Partial<Record<SecretName, SecretPart>>>;
  /** Null measures nothing. */
  readonly collector: CollectorPart | null;
  /** The revision of the API that has all traffic until a release moves it; without one the newest has. */
  readonly stable?: string;
}
