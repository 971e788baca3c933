import type * as gcp from "@pulumi/gcp";
import type { Input, Output, Resource } from "@pulumi/pulumi";
import type { Blueprint, QueueName, SecretName } from "@punctual/stack-blueprint";
import type { GcpSettings } from "./settings.js";

// What the components of a platform know of each other.

/** What each of them is told. */
export interface Plan {
  readonly blueprint: Blueprint;
  readonly own: GcpSettings;
}

/** A key, and the permission that must be there before anything is sealed by it. */
export interface SealedBy {
  readonly key: gcp.kms.CryptoKey;
  readonly allowed: Resource;
}

/** A secret and the version of it that is in use. */
export interface SecretPart {
  readonly secret: gcp.secretmanager.Secret;
  readonly version: Output<string>;
}
export type SecretParts = Readonly<Partial<Record<SecretName, SecretPart>>>;

export type Topics = Readonly<Partial<Record<QueueName, gcp.pubsub.Topic>>>;

/** A variable: its value, or the secret that holds it. */
export type Binding = { readonly value: Input<string> } | { readonly secret: SecretPart };
export type ServiceBindings = Readonly<Record<string, Binding>>;
