import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Names } from "@punctual/stack-blueprint";
import { POSTGRES } from "./ports.js";

export interface DatabaseGroupsArgs {
  readonly vpc: aws.ec2.Vpc;
  readonly names: Names;
  /** Whether a proxy stands between. */
  readonly lends: boolean;
}

/** Who may ask whom: clients the instance, or a proxy which asks it. Groups know groups, and no addresses. */
export class AwsDatabaseGroups extends ComponentResource {
  readonly clients: aws.ec2.SecurityGroup;
  readonly proxy: aws.ec2.SecurityGroup | undefined;
  readonly instance: aws.ec2.SecurityGroup;

  constructor(name: string, { vpc, names, lends }: DatabaseGroupsArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:DatabaseGroups", name, {}, opts);
    const group = (part: string, description: string) =>
      new aws.ec2.SecurityGroup(
        `${name}-${part}`,
        { vpcId: vpc.id, description, tags: { Name: names.of(`database-${part}`, 255) } },
        { parent: this },
      );
    // AWS replaces a group whose description changes.
    this.clients = group(
      "clients",
      lends ? "Whoever may ask the proxy of the database" : "Whoever may ask the instance",
    );
    this.proxy = lends ? group("proxy", "The proxy: asked by clients, asks the instance") : undefined;
    this.instance = group("instance", lends ? "The instance: asked by the proxy" : "The instance: asked by clients");
    if (this.proxy === undefined) {
      this.#passes(`${name}-clients-to-instance`, this.clients, this.instance);
    } else {
      this.#passes(`${name}-clients-to-proxy`, this.clients, this.proxy);
      this.#passes(`${name}-proxy-to-instance`, this.proxy, this.instance);
    }
    this.registerOutputs({ clients: this.clients, proxy: this.proxy, instance: this.instance });
  }

  #passes(between: string, from: aws.ec2.SecurityGroup, to: aws.ec2.SecurityGroup): void {
    const port = { ipProtocol: "tcp", fromPort: POSTGRES, toPort: POSTGRES };
    new aws.vpc.SecurityGroupEgressRule(
      `${between}-out`,
      { securityGroupId: from.id, referencedSecurityGroupId: to.id, ...port },
      { parent: this },
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${between}-in`,
      { securityGroupId: to.id, referencedSecurityGroupId: from.id, ...port },
      { parent: this },
    );
  }
}
