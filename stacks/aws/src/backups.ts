import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { keyFor } from "./keys.js";
import type { Keys, Plan } from "./parts.js";
import { trustOf } from "./statements.js";

export interface BackupsArgs extends Plan {
  readonly instance: aws.rds.Instance;
  readonly keys: Keys;
  /** Of the region that copies are in. */
  readonly elsewhere: { readonly region: string; readonly provider: aws.Provider };
}

/** How long what was saved each day is kept. */
export const COPIES_DAYS = 35;

/**
 * What outlives the loss of a region. RDS carries its backups to another one all along, so that it can be restored there to any
 * second of the last days; and what is saved each day stays for weeks, here and there.
 */
export class AwsBackups extends ComponentResource {
  constructor(name: string, args: BackupsArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Backups", name, {}, opts);
    const { blueprint, own, instance, keys, elsewhere } = args;
    const child = { parent: this, protect: blueprint.defaults.precious };
    const there = { ...child, provider: elsewhere.provider };
    const key = keyFor(
      this,
      `${name}-key-elsewhere`,
      "backups",
      ["data"],
      { blueprint, own },
      {
        place: { accountId: own.accountId, region: elsewhere.region },
        provider: elsewhere.provider,
      },
    );
    new aws.rds.InstanceAutomatedBackupsReplication(
      `${name}-replication`,
      {
        sourceDbInstanceArn: instance.arn,
        kmsKeyId: key.arn,
        retentionPeriod: blueprint.defaults.backups.days,
      },
      there,
    );

    const vault = new aws.backup.Vault(`${name}-vault`, { kmsKeyArn: keys.data.arn }, child);
    // A vault has at most fifty letters, with what Pulumi adds.
    const copies = new aws.backup.Vault(`${name}-copies`, { kmsKeyArn: key.arn }, there);
    const plan = new aws.backup.Plan(
      `${name}-plan`,
      {
        rules: [
          {
            ruleName: "daily",
            targetVaultName: vault.name,
            schedule: "cron(0 4 * * ? *)",
            startWindow: 60,
            completionWindow: 360,
            lifecycle: { deleteAfter: COPIES_DAYS },
            copyActions: [{ destinationVaultArn: copies.arn, lifecycle: { deleteAfter: COPIES_DAYS } }],
          },
        ],
      },
      { parent: this },
    );
    const role = new aws.iam.Role(
      `${name}-role`,
      { assumeRolePolicy: trustOf("backup.amazonaws.com", own) },
      { parent: this },
    );
    const may = new aws.iam.RolePolicyAttachment(
      `${name}-may`,
      // What AWS Backup needs changes with AWS Backup, and AWS keeps it up.
      { role: role.name, policyArn: "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup" },
      { parent: this },
    );
    new aws.backup.Selection(
      `${name}-selection`,
      { planId: plan.id, iamRoleArn: role.arn, resources: [instance.arn] },
      { parent: this, dependsOn: [may] },
    );
    this.registerOutputs({});
  }
}
