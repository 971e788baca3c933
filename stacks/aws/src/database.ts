import type * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import type { Workload } from "@punctual/stack-blueprint";
import { arnOf } from "./arns.js";
import { AwsDatabaseGroups } from "./database-groups.js";
import { AwsDatabaseInstance, DATABASE, USER } from "./database-instance.js";
import { AwsDatabaseProxy } from "./database-proxy.js";
import { directUrl, userOf } from "./database-users.js";
import type { AwsNetwork } from "./network.js";
import type { Database, DatabaseLogin, Keys, Plan } from "./parts.js";
import { POSTGRES } from "./ports.js";

export interface DatabaseArgs extends Plan {
  readonly network: AwsNetwork;
  readonly keys: Keys;
}

/**
 * PostgreSQL, and nobody logs in without IAM. Functions do so at a proxy, which lends connections to however many there are.
 * Tasks are few, and keep their own: they log in to the instance itself, as a proxy would give each a connection for good as
 * soon as it listens.
 */
export class AwsDatabase extends ComponentResource implements Database {
  readonly identifier: string;
  readonly instance: aws.rds.Instance;
  readonly proxyName: string | undefined;
  readonly clients: aws.ec2.SecurityGroup;
  readonly #loginOf: (workload: Workload) => DatabaseLogin;

  constructor(name: string, { network, ...args }: DatabaseArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Database", name, {}, opts);
    const child = { parent: this };
    const { names, settings } = args.blueprint;
    const lends = settings.shape.runtime === "serverless";
    const groups = new AwsDatabaseGroups(`${name}-groups`, { vpc: network.vpc, names, lends }, child);
    const stored = new AwsDatabaseInstance(
      `${name}-instance`,
      { ...args, subnets: network.isolatedSubnets, group: groups.instance },
      child,
    );
    this.identifier = stored.identifier;
    this.instance = stored.instance;
    this.clients = groups.clients;
    const users = arnOf(args.own, "rds-db", "dbuser");
    if (groups.proxy === undefined) {
      const { address, resourceId } = this.instance;
      this.#loginOf = (workload) => ({
        url: address.apply((host) => directUrl(host, POSTGRES, workload)),
        arn: interpolate`${users}:${resourceId}/${userOf(workload)}`,
      });
    } else {
      const lent = new AwsDatabaseProxy(
        `${name}-proxy`,
        { ...args, instance: stored.instance, subnets: network.privateSubnets, group: groups.proxy },
        child,
      );
      this.proxyName = lent.physicalName;
      const { endpoint } = lent.proxy;
      const login = {
        url: interpolate`postgres://${USER}@${endpoint}:${POSTGRES}/${DATABASE}?sslmode=verify-full`,
        arn: interpolate`${users}:${idOf(lent.proxy)}/${USER}`,
      };
      this.#loginOf = () => login;
    }
    this.registerOutputs({ instance: this.instance, clients: this.clients });
  }

  loginOf(workload: Workload): DatabaseLogin {
    return this.#loginOf(workload);
  }
}

/** `prx-…`, as IAM knows it: the last part of its ARN. */
function idOf({ arn }: aws.rds.Proxy): Output<string> {
  return arn.apply((text) => text.slice(text.lastIndexOf(":") + 1));
}
