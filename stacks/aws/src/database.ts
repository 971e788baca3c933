import type * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import { arnOf } from "./arns.js";
import { AwsDatabaseGroups } from "./database-groups.js";
import { AwsDatabaseInstance, DATABASE, USER } from "./database-instance.js";
import { AwsDatabaseProxy } from "./database-proxy.js";
import type { AwsNetwork } from "./network.js";
import type { Database, Keys, Plan } from "./parts.js";
import { POSTGRES } from "./ports.js";

export interface DatabaseArgs extends Plan {
  readonly network: AwsNetwork;
  readonly keys: Keys;
}

/** PostgreSQL with a proxy before it. Nobody reaches the one but through the other, and nobody the other without IAM. */
export class AwsDatabase extends ComponentResource implements Database {
  readonly identifier: string;
  readonly instance: aws.rds.Instance;
  readonly proxy: aws.rds.Proxy;
  readonly proxyName: string;
  readonly clients: aws.ec2.SecurityGroup;
  readonly url: Output<string>;
  /** Whom IAM knows the user as: whoever may `rds-db:connect` to it logs in. */
  readonly login: Output<string>;

  constructor(name: string, { network, ...args }: DatabaseArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Database", name, {}, opts);
    const child = { parent: this };
    const groups = new AwsDatabaseGroups(`${name}-groups`, { vpc: network.vpc, names: args.blueprint.names }, child);
    const stored = new AwsDatabaseInstance(
      `${name}-instance`,
      { ...args, subnets: network.isolatedSubnets, group: groups.instance },
      child,
    );
    const lent = new AwsDatabaseProxy(
      `${name}-proxy`,
      { ...args, instance: stored.instance, subnets: network.privateSubnets, group: groups.proxy },
      child,
    );
    this.identifier = stored.identifier;
    this.instance = stored.instance;
    this.proxy = lent.proxy;
    this.proxyName = lent.physicalName;
    this.clients = groups.clients;
    this.url = interpolate`postgres://${USER}@${this.proxy.endpoint}:${POSTGRES}/${DATABASE}?sslmode=verify-full`;
    this.login = interpolate`${arnOf(args.own, "rds-db", "dbuser")}:${idOf(this.proxy)}/${USER}`;
    this.registerOutputs({
      instance: this.instance,
      proxy: this.proxy,
      clients: this.clients,
      url: this.url,
      login: this.login,
    });
  }
}

/** `prx-…`, as IAM knows it: the last part of its ARN. */
function idOf({ arn }: aws.rds.Proxy): Output<string> {
  return arn.apply((text) => text.slice(text.lastIndexOf(":") + 1));
}
