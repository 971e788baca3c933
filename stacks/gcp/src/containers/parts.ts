import type { Input, Resource } from "@pulumi/pulumi";
import type { SecretName, TransportPart } from "@punctual/stack-blueprint";
import type { Inside } from "../access.js";
import type { Plan } from "../parts.js";

export const CONTAINERS = ["api", "worker", "migrate"] as const;
export type ContainerName = (typeof CONTAINERS)[number];

/** One version of a secret: instances of one revision would have different ones otherwise. */
export interface SecretPart {
  readonly secret: Input<string>;
  readonly version: Input<string>;
}

/** An OpenTelemetry collector, and what it reads as `COLLECTOR_CONFIG` beside each; it takes OTLP at port 4318 by HTTP. */
export interface CollectorPart {
  readonly image: string;
  readonly configs: Readonly<Record<Exclude<ContainerName, "migrate">, Input<string>>>;
}

export interface ContainersArgs extends Plan {
  /** Where the database is. */
  readonly network: Inside;
  /** The address of the account of each, whose rights are granted already. */
  readonly accounts: Readonly<Record<ContainerName, Input<string>>>;
  /** The database as each logs in to it: by the name of its account, and without a password. */
  readonly databaseUrls: Readonly<Record<ContainerName, Input<string>>>;
  readonly secrets: Readonly<Partial<Record<SecretName, SecretPart>>>;
  /** What carries messages between workers; without one whoever claims an event delivers it. */
  readonly transport?: TransportPart<SecretPart> | undefined;
  /** Null measures nothing. */
  readonly collector: CollectorPart | null;
  /** What must be there before any of them starts: whom the database lets in, and the way to it. */
  readonly after: readonly Resource[];
}
