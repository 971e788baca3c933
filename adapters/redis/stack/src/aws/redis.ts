import * as aws from "@pulumi/aws";
import { all, ComponentResource, type ComponentResourceOptions, type Output, secret } from "@pulumi/pulumi";
import type { AwsGround, AwsTransportPart, MakeAwsTransport } from "@punctual/stack-aws";
import { urlOf, USER } from "../access.js";
import { NO_EVICTION, NODE_TYPES } from "../sizes.js";
import { watchNode } from "./alarms.js";
import { AwsRedisGroups, PORT } from "./groups.js";
import { AwsRedisUsers } from "./users.js";

const ENGINE = { engine: "valkey", engineVersion: "8.0", family: "valkey8" };
/** Days in which the secret can still be saved after it was removed. */
const RECOVERY_DAYS = 30;

/**
 * Valkey of ElastiCache: a primary, and where there is a standby a replica in another zone that takes over. Not a serverless
 * cache: those drop what is old to stay within their limit, and nobody can tell them not to.
 */
export class AwsRedis extends ComponentResource implements AwsTransportPart {
  readonly variables = {};
  readonly secrets: AwsTransportPart["secrets"];
  readonly clients: aws.ec2.SecurityGroup;

  constructor(name: string, ground: AwsGround, opts?: ComponentResourceOptions) {
    super("punctual:aws:Redis", name, {}, opts);
    const { names } = ground.blueprint;
    const groups = new AwsRedisGroups(`${name}-groups`, { vpc: ground.network.vpc, names }, { parent: this });
    const users = new AwsRedisUsers(`${name}-users`, { names }, { parent: this });
    const nodes = this.#nodes(name, ground, { groups, users });
    const url = all([users.password, nodes.primaryEndpointAddress]).apply(([password, host]) =>
      urlOf({ user: USER, password, host, port: PORT }),
    );
    this.secrets = { PUNCTUAL_TRANSPORT_REDIS_URL: this.#kept(name, ground, url) };
    this.clients = groups.clients;
    this.registerOutputs({ clients: this.clients });
  }

  #nodes(
    name: string,
    { blueprint, network, keys, alarms }: AwsGround,
    { groups, users }: { readonly groups: AwsRedisGroups; readonly users: AwsRedisUsers },
  ): aws.elasticache.ReplicationGroup {
    const { settings, defaults, names } = blueprint;
    const { precious, standby } = defaults;
    const within = { parent: this };
    // Where workloads are: the isolated tier lets PostgreSQL pass and nothing else.
    const subnets = new aws.elasticache.SubnetGroup(
      `${name}-subnets`,
      { description: `${names.prefix}: transport`, subnetIds: network.privateSubnets.map(({ id }) => id) },
      within,
    );
    const parameters = new aws.elasticache.ParameterGroup(
      `${name}-parameters`,
      { description: `${names.prefix}: transport`, family: ENGINE.family, parameters: [NO_EVICTION] },
      within,
    );
    const id = names.of("transport", 40);
    const count = standby ? 2 : 1;
    const nodes = new aws.elasticache.ReplicationGroup(
      `${name}-nodes`,
      {
        ...{ replicationGroupId: id, description: `${names.prefix}: transport`, port: PORT },
        ...{ engine: ENGINE.engine, engineVersion: ENGINE.engineVersion, autoMinorVersionUpgrade: true },
        ...{ nodeType: NODE_TYPES[settings.environment], numCacheClusters: count },
        ...{ automaticFailoverEnabled: standby, multiAzEnabled: standby },
        ...{ subnetGroupName: subnets.name, securityGroupIds: [groups.nodes.id] },
        ...{ parameterGroupName: parameters.name, userGroupIds: [users.group.userGroupId] },
        ...{ atRestEncryptionEnabled: true, kmsKeyId: keys.data.arn },
        ...{ transitEncryptionEnabled: true, transitEncryptionMode: "required" },
        // ElastiCache writes no file after each message: a copy each day is all that outlasts its nodes.
        ...(precious && {
          snapshotRetentionLimit: defaults.backups.days,
          finalSnapshotIdentifier: names.of("transport-last", 255),
        }),
        applyImmediately: !precious,
      },
      { ...within, protect: precious },
    );
    for (let node = 1; node <= count; node += 1) {
      watchNode(`${name}-node-${String(node)}`, { prefix: names.prefix, id, node, alarms }, this);
    }
    return nodes;
  }

  /** The URL has the password in it. */
  #kept(name: string, { blueprint, keys }: AwsGround, url: Output<string>): Output<string> {
    const { names, defaults } = blueprint;
    const kept = new aws.secretsmanager.Secret(
      `${name}-url`,
      {
        description: `${names.prefix}: where the transport is, and its password`,
        kmsKeyId: keys.secrets.arn,
        recoveryWindowInDays: defaults.precious ? RECOVERY_DAYS : 0,
      },
      { parent: this, protect: defaults.precious },
    );
    const version = new aws.secretsmanager.SecretVersion(
      `${name}-url-version`,
      { secretId: kept.id, secretString: secret(url) },
      { parent: this },
    );
    // Whoever starts with it finds something in it.
    return version.arn;
  }
}

export const redisOnAws: MakeAwsTransport = (name, ground, opts) => new AwsRedis(name, ground, opts);
