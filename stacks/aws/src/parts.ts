import type * as aws from "@pulumi/aws";
import type { Output } from "@pulumi/pulumi";
import type { Blueprint, QueueName, Workload, WorkloadName } from "@punctual/stack-blueprint";
import type { AwsSettings } from "./settings.js";

// What the components of a platform know of each other. Each is made of these and makes one of them.

/** What each of them is told. */
export interface Plan {
  readonly blueprint: Blueprint;
  readonly own: AwsSettings;
}

export interface Network {
  readonly vpc: aws.ec2.Vpc;
  readonly publicSubnets: readonly aws.ec2.Subnet[];
  /** Where workloads are; their way out goes through NAT. */
  readonly privateSubnets: readonly aws.ec2.Subnet[];
  /** Where the database is; there is no way out. */
  readonly isolatedSubnets: readonly aws.ec2.Subnet[];
  readonly natGateways: readonly aws.ec2.NatGateway[];
  /** Whoever runs here is in it: it reaches services by HTTPS. */
  readonly workloads: aws.ec2.SecurityGroup;
  /** Whoever calls receivers is in it, too. */
  readonly senders: aws.ec2.SecurityGroup;
}

/** What is sealed at rest; in dev one key is for all of them. */
export type KeyDomain = "data" | "messages" | "secrets" | "logs";
export type Keys = Readonly<Record<KeyDomain, aws.kms.Key>>;

export interface Database {
  /** As CloudWatch names it. */
  readonly identifier: string;
  readonly instance: aws.rds.Instance;
  /** What lends connections, as CloudWatch names it; undefined where whoever runs has its own. */
  readonly proxyName: string | undefined;
  /** Whoever is in it may connect. */
  readonly clients: aws.ec2.SecurityGroup;
  loginOf(workload: Workload): DatabaseLogin;
}

/** By IAM, and without a password. */
export interface DatabaseLogin {
  readonly url: Output<string>;
  /** Whom IAM knows the user as: whoever may `rds-db:connect` to it logs in. */
  readonly arn: Output<string>;
}

export interface QueuePart {
  /** As CloudWatch names it. */
  readonly physicalName: string;
  readonly queue: aws.sqs.Queue;
}
export type Queues = Readonly<Partial<Record<QueueName, QueuePart>>>;

/** A workload as a function. All who call it call the alias. */
export interface FunctionPart {
  readonly workload: Workload;
  /** As CloudWatch names it, known before it is made. */
  readonly physicalName: string;
  readonly function: aws.lambda.Function;
  readonly alias: aws.lambda.Alias;
  readonly role: aws.iam.Role;
  readonly logGroup: aws.cloudwatch.LogGroup;
}
export type Functions = Readonly<Partial<Record<WorkloadName, FunctionPart>>>;

/** A workload as a service of ECS. */
export interface ServicePart {
  readonly workload: Workload;
  /** As CloudWatch names it; what it measures itself is told apart by this, too. */
  readonly physicalName: string;
  /** The cluster that it is in, as CloudWatch names it. */
  readonly cluster: string;
  /** Where it writes, by the name of the group. */
  readonly logs: string;
}
export type Services = Readonly<Partial<Record<WorkloadName, ServicePart>>>;

/** Where the API comes in. */
export interface FrontDoor {
  readonly url: Output<string>;
  /** What CloudWatch counts its requests by. */
  readonly metrics: {
    readonly namespace: "AWS/ApiGateway" | "AWS/ApplicationELB";
    readonly dimensions: Readonly<Record<string, Output<string> | string>>;
  };
  /** The certificate of its name, where it has one. */
  readonly certificate: aws.acm.Certificate | undefined;
}
