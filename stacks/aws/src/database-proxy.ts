import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { viaService } from "./arns.js";
import { PROXY_PERCENT } from "./connections.js";
import { logGroup } from "./log-group.js";
import type { Keys, Plan } from "./parts.js";
import { policyOf, trustOf } from "./statements.js";

export interface DatabaseProxyArgs extends Plan {
  readonly keys: Keys;
  readonly instance: aws.rds.Instance;
  readonly subnets: readonly aws.ec2.Subnet[];
  readonly group: aws.ec2.SecurityGroup;
}

/** Lends connections to functions, of which there may be more than the instance has connections for. */
export class AwsDatabaseProxy extends ComponentResource {
  readonly proxy: aws.rds.Proxy;
  readonly physicalName: string;

  constructor(name: string, args: DatabaseProxyArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:DatabaseProxy", name, {}, opts);
    const { blueprint, own, keys, instance, subnets, group } = args;
    const child = { parent: this };
    const password = passwordOf(instance);
    this.physicalName = blueprint.names.of("proxy", 63);

    const role = new aws.iam.Role(`${name}-role`, { assumeRolePolicy: trustOf("rds.amazonaws.com", own) }, child);
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.id,
        policy: policyOf([
          {
            Sid: "ReadPassword",
            Effect: "Allow",
            Action: ["secretsmanager:GetSecretValue"],
            Resource: [password],
          },
          {
            Sid: "OpenPassword",
            Effect: "Allow",
            Action: ["kms:Decrypt"],
            Resource: [keys.secrets.arn],
            Condition: { StringEquals: { "kms:ViaService": viaService(own, "secretsmanager") } },
          },
        ]),
      },
      child,
    );
    const log = logGroup(`${name}-log`, {
      parent: this,
      plan: { blueprint, own },
      keys,
      physicalName: `/aws/rds/proxy/${this.physicalName}`,
    });
    this.proxy = new aws.rds.Proxy(
      `${name}-proxy`,
      {
        name: this.physicalName,
        engineFamily: "POSTGRESQL",
        requireTls: true,
        debugLogging: false,
        idleClientTimeout: 1_800,
        roleArn: role.arn,
        auths: [{ authScheme: "SECRETS", iamAuth: "REQUIRED", secretArn: password }],
        vpcSubnetIds: subnets.map(({ id }) => id),
        vpcSecurityGroupIds: [group.id],
      },
      { parent: this, dependsOn: [policy, log] },
    );
    const targets = new aws.rds.ProxyDefaultTargetGroup(
      `${name}-targets`,
      {
        dbProxyName: this.proxy.name,
        connectionPoolConfig: { maxConnectionsPercent: PROXY_PERCENT, connectionBorrowTimeout: 30 },
      },
      child,
    );
    new aws.rds.ProxyTarget(
      `${name}-target`,
      { dbProxyName: this.proxy.name, targetGroupName: targets.name, dbInstanceIdentifier: instance.identifier },
      child,
    );
    this.registerOutputs({ proxy: this.proxy });
  }
}

/** The secret that RDS keeps the password of the master user in. */
function passwordOf({ masterUserSecrets }: aws.rds.Instance): Output<string> {
  return masterUserSecrets.apply(([first]) => {
    if (first === undefined) throw new Error("RDS has made no secret for the password of the master user");
    return first.secretArn;
  });
}
