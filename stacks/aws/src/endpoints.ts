import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { HTTPS } from "./ports.js";
import type { AwsSettings } from "./settings.js";
import { policyOf } from "./statements.js";

export interface EndpointsArgs {
  readonly own: AwsSettings;
  readonly vpc: aws.ec2.Vpc;
  readonly subnets: readonly aws.ec2.Subnet[];
  readonly routeTables: readonly aws.ec2.RouteTable[];
  /** Who may use them. */
  readonly workloads: aws.ec2.SecurityGroup;
  /** Services that are reached without leaving the network, and are paid for by the hour. */
  readonly services: readonly string[];
  readonly called: (part: string) => Readonly<Record<string, string>>;
}

/** Ways to services of AWS that do not lead through NAT. That to S3 costs nothing, so it is always there. */
export class AwsEndpoints extends ComponentResource {
  constructor(name: string, args: EndpointsArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Endpoints", name, {}, opts);
    const { own, vpc, subnets, routeTables, workloads, services, called } = args;
    const child = { parent: this };
    const nameOf = (service: string) => `com.amazonaws.${own.region}.${service}`;
    new aws.ec2.VpcEndpoint(
      `${name}-s3`,
      {
        vpcId: vpc.id,
        vpcEndpointType: "Gateway",
        serviceName: nameOf("s3"),
        routeTableIds: routeTables.map(({ id }) => id),
        tags: called("s3"),
      },
      child,
    );
    if (services.length > 0) {
      const group = new aws.ec2.SecurityGroup(
        `${name}-group`,
        { vpcId: vpc.id, description: "Endpoints of services: asked by workloads", tags: called("endpoints") },
        child,
      );
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-from-workloads`,
        {
          securityGroupId: group.id,
          referencedSecurityGroupId: workloads.id,
          ipProtocol: "tcp",
          fromPort: HTTPS,
          toPort: HTTPS,
        },
        child,
      );
      for (const service of services) {
        new aws.ec2.VpcEndpoint(
          `${name}-${service}`,
          {
            vpcId: vpc.id,
            vpcEndpointType: "Interface",
            serviceName: nameOf(service),
            privateDnsEnabled: true,
            subnetIds: subnets.map(({ id }) => id),
            securityGroupIds: [group.id],
            policy: policyOf([
              {
                Sid: "OfThisAccountAlone",
                Effect: "Allow",
                Principal: "*",
                // `ecr.api` and `ecr.dkr` are two ways to one service.
                Action: [`${service.replace(/\..*$/, "")}:*`],
                Resource: ["*"],
                Condition: { StringEquals: { "aws:PrincipalAccount": own.accountId } },
              },
            ]),
            tags: called(service),
          },
          child,
        );
      }
    }
    this.registerOutputs({});
  }
}
