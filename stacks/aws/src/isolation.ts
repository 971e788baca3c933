import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { POSTGRES } from "./ports.js";

export interface IsolationArgs {
  readonly vpc: aws.ec2.Vpc;
  readonly subnets: readonly aws.ec2.Subnet[];
  /** The networks that may ask. */
  readonly clients: readonly string[];
  /** What people see. */
  readonly called: string;
}

/** Answers go to ports that whoever asked has chosen. */
const EPHEMERAL = { fromPort: 1_024, toPort: 65_535 };

/** What passes into the isolated tier and out of it, whatever its security groups say: questions to PostgreSQL, and answers. */
export class AwsIsolation extends ComponentResource {
  constructor(name: string, { vpc, subnets, clients, called }: IsolationArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Isolation", name, {}, opts);
    const rules = (ports: { readonly fromPort: number; readonly toPort: number }) =>
      clients.map((cidrBlock, zone) => ({
        ruleNo: 100 + 10 * zone,
        protocol: "tcp",
        action: "allow",
        cidrBlock,
        ...ports,
      }));
    new aws.ec2.NetworkAcl(
      `${name}-acl`,
      {
        vpcId: vpc.id,
        subnetIds: subnets.map(({ id }) => id),
        ingress: rules({ fromPort: POSTGRES, toPort: POSTGRES }),
        egress: rules(EPHEMERAL),
        tags: { Name: called },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
