import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Names } from "@punctual/stack-blueprint";

export const PORT = 6_379;

export interface RedisGroupsArgs {
  readonly vpc: aws.ec2.Vpc;
  readonly names: Names;
}

/** Who may ask: clients the nodes, and nobody else anybody. */
export class AwsRedisGroups extends ComponentResource {
  readonly clients: aws.ec2.SecurityGroup;
  readonly nodes: aws.ec2.SecurityGroup;

  constructor(name: string, { vpc, names }: RedisGroupsArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:RedisGroups", name, {}, opts);
    const within = { parent: this };
    const group = (part: string, description: string) =>
      new aws.ec2.SecurityGroup(
        `${name}-${part}`,
        { vpcId: vpc.id, description, tags: { Name: names.of(`transport-${part}`, 255) } },
        within,
      );
    this.clients = group("clients", "Whoever may ask the transport");
    this.nodes = group("nodes", "The transport: asked by its clients");
    const port = { ipProtocol: "tcp", fromPort: PORT, toPort: PORT };
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-out`,
      { securityGroupId: this.clients.id, referencedSecurityGroupId: this.nodes.id, ...port },
      within,
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-in`,
      { securityGroupId: this.nodes.id, referencedSecurityGroupId: this.clients.id, ...port },
      within,
    );
    this.registerOutputs({ clients: this.clients, nodes: this.nodes });
  }
}
