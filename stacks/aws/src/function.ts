import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate } from "@pulumi/pulumi";
import { needs, type Workload } from "@punctual/stack-blueprint";
import { artifactOf } from "./artifact.js";
import { standsInNetwork, statementsFor, type Targets } from "./grants.js";
import { logGroup } from "./log-group.js";
import type { AwsNetwork } from "./network.js";
import type { Database, FunctionPart, Keys, Plan } from "./parts.js";
import { reservesScheduler } from "./settings.js";
import { policyOf, trustOf } from "./statements.js";

export interface FunctionArgs extends Plan {
  readonly workload: Workload;
  readonly keys: Keys;
  readonly network: AwsNetwork;
  readonly database: Pick<Database, "clients">;
  readonly targets: Omit<Targets<Input<string>>, "logs" | "region">;
  readonly environment: Readonly<Record<string, Input<string>>>;
}

/** What all who call a function call: which version it is, the release decides. */
export const ALIAS = "live";

/** A workload on Lambda, with a role, a log and an alias of its own. */
export class AwsFunction extends ComponentResource implements FunctionPart {
  readonly workload: Workload;
  readonly physicalName: string;
  readonly function: aws.lambda.Function;
  readonly alias: aws.lambda.Alias;
  readonly role: aws.iam.Role;
  readonly logGroup: aws.cloudwatch.LogGroup;
  /** What it may do: whoever makes something call it waits for that. */
  readonly policy: aws.iam.RolePolicy;

  constructor(name: string, args: FunctionArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Function", name, {}, opts);
    const { blueprint, own, workload, keys, targets, environment } = args;
    const { names, defaults } = blueprint;
    const child = { parent: this };
    this.workload = workload;
    this.physicalName = names.of(workload.name, 64);

    this.logGroup = logGroup(`${name}-log`, {
      parent: this,
      plan: { blueprint, own },
      keys,
      physicalName: `/aws/lambda/${this.physicalName}`,
    });
    this.role = new aws.iam.Role(
      `${name}-role`,
      {
        description: `${names.prefix}: ${workload.name}`,
        assumeRolePolicy: trustOf("lambda.amazonaws.com", own),
      },
      child,
    );
    const logs = interpolate`${this.logGroup.arn}:*`;
    this.policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      { role: this.role.id, policy: policyOf(statementsFor(workload, { ...targets, logs, region: own.region })) },
      child,
    );
    this.function = new aws.lambda.Function(
      `${name}-function`,
      {
        name: this.physicalName,
        description: `${names.prefix}: ${workload.name}`,
        ...artifactOf(workload.name, own),
        runtime: "nodejs24.x",
        handler: "index.handler",
        architectures: ["arm64"],
        role: this.role.arn,
        publish: true,
        timeout: workload.timeoutSeconds,
        memorySize: workload.memoryMb,
        environment: { variables: environment },
        tracingConfig: { mode: "Active" },
        loggingConfig: {
          logFormat: "JSON",
          logGroup: this.logGroup.name,
          // Lambda would leave out what is below its own threshold, whatever the function's is.
          applicationLogLevel: defaults.logs.level === "debug" ? "DEBUG" : "INFO",
          systemLogLevel: "INFO",
        },
        ...(workload.trigger.kind === "minute" &&
          reservesScheduler(own, blueprint.settings) && { reservedConcurrentExecutions: 1 }),
        ...(standsInNetwork(workload) && inNetwork(args)),
      },
      { parent: this, dependsOn: [this.policy] },
    );
    this.alias = new aws.lambda.Alias(
      `${name}-live`,
      { name: ALIAS, functionName: this.function.name, functionVersion: this.function.version },
      // Releases move it by degrees, and Pulumi would move it back.
      { parent: this, ignoreChanges: ["functionVersion", "routingConfig"] },
    );
    if (workload.trigger.kind === "http" && defaults.warm > 0) {
      new aws.lambda.ProvisionedConcurrencyConfig(
        `${name}-warm`,
        {
          functionName: this.function.name,
          qualifier: this.alias.name,
          provisionedConcurrentExecutions: defaults.warm,
        },
        child,
      );
    }
    this.registerOutputs({ function: this.function, alias: this.alias, role: this.role });
  }
}

function inNetwork({ workload, network, database }: FunctionArgs): Partial<aws.lambda.FunctionArgs> {
  const groups = [network.workloads, database.clients, ...(needs(workload, "egress") ? [network.senders] : [])];
  return {
    vpcConfig: {
      subnetIds: network.privateSubnets.map(({ id }) => id),
      securityGroupIds: groups.map(({ id }) => id),
    },
    // Lambda lets go of its network interfaces after some twenty minutes, and until then of no group.
    replaceSecurityGroupsOnDestroy: true,
  };
}
