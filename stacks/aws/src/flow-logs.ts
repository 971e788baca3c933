import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, interpolate } from "@pulumi/pulumi";
import { arnOf } from "./arns.js";
import { logGroup } from "./log-group.js";
import type { Keys, Plan } from "./parts.js";
import { policyOf, trustOf } from "./statements.js";

export interface FlowLogsArgs extends Plan {
  readonly keys: Keys;
  readonly vpc: aws.ec2.Vpc;
}

/** Who speaks with whom in the network; in dev only what was refused. */
export class AwsFlowLogs extends ComponentResource {
  constructor(name: string, { blueprint, own, keys, vpc }: FlowLogsArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:FlowLogs", name, {}, opts);
    const { names, settings } = blueprint;
    const physicalName = `/aws/vpc/${names.of("flow-logs", 255)}`;
    const group = logGroup(`${name}-log`, { parent: this, plan: { blueprint, own }, keys, physicalName });
    const role = new aws.iam.Role(
      `${name}-role`,
      { assumeRolePolicy: trustOf("vpc-flow-logs.amazonaws.com", own, arnOf(own, "ec2", "vpc-flow-log/*")) },
      { parent: this },
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.id,
        policy: policyOf([
          {
            Sid: "WriteFlows",
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            Resource: [group.arn, interpolate`${group.arn}:*`],
          },
          {
            Sid: "FindGroup",
            Effect: "Allow",
            Action: ["logs:DescribeLogGroups"],
            Resource: [arnOf(own, "logs", "log-group:*")],
          },
        ]),
      },
      { parent: this },
    );
    new aws.ec2.FlowLog(
      `${name}-flows`,
      {
        vpcId: vpc.id,
        trafficType: settings.environment === "dev" ? "REJECT" : "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: group.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 600,
      },
      { parent: this, dependsOn: [policy] },
    );
    this.registerOutputs({});
  }
}
