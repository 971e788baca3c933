import type * as aws from "@pulumi/aws";
import type { Input } from "@pulumi/pulumi";
import type { MakeTransport, TransportPart } from "@punctual/stack-blueprint";
import type { Keys, Network, Plan } from "./parts.js";

/** What a transport stands on, on AWS. */
export interface AwsGround extends Plan {
  readonly network: Pick<Network, "vpc" | "privateSubnets">;
  readonly keys: Pick<Keys, "data" | "secrets">;
  /** The topic by which people are told of alarms. */
  readonly alarms: Input<string>;
}

/** A secret is the ARN of one in Secrets Manager that holds a plain text, sealed by the ground's key for secrets. */
export interface AwsTransportPart extends TransportPart<Input<string>> {
  /** Whoever is in it may connect. */
  readonly clients: aws.ec2.SecurityGroup;
}

export type MakeAwsTransport = MakeTransport<AwsGround, AwsTransportPart>;
