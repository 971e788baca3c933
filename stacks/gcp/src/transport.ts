import type * as gcp from "@pulumi/gcp";
import type { Input } from "@pulumi/pulumi";
import type { MakeTransport, TransportPart } from "@punctual/stack-blueprint";
import type { SecretPart } from "./containers/parts.js";
import type { Plan, SealedBy } from "./parts.js";

/** What a transport stands on, on Google Cloud. */
export interface GcpGround extends Plan {
  /** What Google runs for us has its addresses by the connection. Nothing leaves the network but what a firewall names. */
  readonly network: { readonly vpc: gcp.compute.Network; readonly connection: gcp.servicenetworking.Connection };
  readonly keys: { readonly data: SealedBy; readonly secrets: SealedBy };
  /** The addresses of the accounts that carry messages, by their workloads. They may read its secrets, and nobody else. */
  readonly clients: Readonly<Record<string, Input<string>>>;
  /** By which people are told of alarms. */
  readonly channels: readonly Input<string>[];
}

/** A secret is one version of one in Secret Manager. */
export type GcpTransportPart = TransportPart<SecretPart>;

export type MakeGcpTransport = MakeTransport<GcpGround, GcpTransportPart>;
