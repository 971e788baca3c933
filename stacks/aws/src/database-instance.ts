import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { arnOf } from "./arns.js";
import { logGroup } from "./log-group.js";
import type { Keys, Plan } from "./parts.js";
import { POSTGRES } from "./ports.js";
import { AWS_DEFAULTS, instanceClassOf } from "./settings.js";
import { policyOf, trustOf } from "./statements.js";

export interface DatabaseInstanceArgs extends Plan {
  readonly keys: Keys;
  readonly subnets: readonly aws.ec2.Subnet[];
  readonly group: aws.ec2.SecurityGroup;
}

/** The major release that the project is tested with; RDS sees to the minor ones. */
const MAJOR = "16";
export const DATABASE = "punctual";
/** The master: functions log in as it by IAM at the proxy, and the proxy by a password that RDS makes and changes. */
export const USER = "punctual";

const LOGS = ["postgresql", "upgrade"];
/** How long RDS keeps, for nothing, what it saw of queries. */
const INSIGHTS_DAYS = 7;

/** PostgreSQL on RDS, sealed, saved and watched. */
export class AwsDatabaseInstance extends ComponentResource {
  /** As CloudWatch names it. */
  readonly identifier: string;
  readonly instance: aws.rds.Instance;

  constructor(name: string, args: DatabaseInstanceArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:DatabaseInstance", name, {}, opts);
    const { blueprint, own, keys, subnets, group } = args;
    const { names, defaults, settings } = blueprint;
    const { precious } = defaults;
    const sizes = AWS_DEFAULTS[settings.environment];
    this.identifier = names.of("database", 63);

    const tier = new aws.rds.SubnetGroup(
      `${name}-subnets`,
      { description: "The isolated tier", subnetIds: subnets.map(({ id }) => id) },
      { parent: this },
    );
    const parameters = new aws.rds.ParameterGroup(
      `${name}-parameters`,
      {
        family: `postgres${MAJOR}`,
        description: names.prefix,
        parameters: [{ name: "rds.force_ssl", value: "1" }],
      },
      { parent: this },
    );
    const logs = LOGS.map((log) =>
      logGroup(`${name}-${log}-log`, {
        parent: this,
        plan: { blueprint, own },
        keys,
        physicalName: `/aws/rds/instance/${this.identifier}/${log}`,
      }),
    );
    const watcher = this.#watcher(name, args);

    this.instance = new aws.rds.Instance(
      `${name}-instance`,
      {
        identifier: this.identifier,
        engine: "postgres",
        engineVersion: MAJOR,
        autoMinorVersionUpgrade: true,
        allowMajorVersionUpgrade: false,
        applyImmediately: false,
        instanceClass: instanceClassOf(own, settings),
        multiAz: defaults.standby,
        dbName: DATABASE,
        username: USER,
        port: POSTGRES,
        // The password is made by RDS, and is in no state of Pulumi's.
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: keys.secrets.arn,
        iamDatabaseAuthenticationEnabled: true,
        caCertIdentifier: "rds-ca-rsa2048-g1",
        dbSubnetGroupName: tier.name,
        vpcSecurityGroupIds: [group.id],
        publiclyAccessible: false,
        parameterGroupName: parameters.name,
        storageType: "gp3",
        allocatedStorage: own.database.storageGb ?? sizes.storageGb,
        maxAllocatedStorage: own.database.mostStorageGb ?? sizes.mostStorageGb,
        storageEncrypted: true,
        kmsKeyId: keys.data.arn,
        backupRetentionPeriod: defaults.backups.days,
        backupWindow: "02:00-03:00",
        maintenanceWindow: "sun:03:30-sun:04:30",
        copyTagsToSnapshot: true,
        deleteAutomatedBackups: !precious,
        deletionProtection: precious,
        skipFinalSnapshot: !precious,
        ...(precious && { finalSnapshotIdentifier: `${this.identifier}-last` }),
        performanceInsightsEnabled: true,
        performanceInsightsRetentionPeriod: INSIGHTS_DAYS,
        performanceInsightsKmsKeyId: keys.data.arn,
        monitoringInterval: 60,
        monitoringRoleArn: watcher.role.arn,
        enabledCloudwatchLogsExports: LOGS,
      },
      { parent: this, protect: precious, dependsOn: [...logs, watcher.policy] },
    );
    this.registerOutputs({ instance: this.instance });
  }

  /** Who writes down, each minute, what the machine below is doing. */
  #watcher(name: string, { own }: Plan): { readonly role: aws.iam.Role; readonly policy: aws.iam.RolePolicy } {
    const role = new aws.iam.Role(
      `${name}-watcher`,
      { assumeRolePolicy: trustOf("monitoring.rds.amazonaws.com", own, arnOf(own, "rds", `db:${this.identifier}`)) },
      { parent: this },
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-watcher-policy`,
      {
        role: role.id,
        policy: policyOf([
          {
            // RDS has one group for all instances of an account, and makes it by itself.
            Sid: "WriteMetrics",
            Effect: "Allow",
            Action: [
              ...["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:CreateLogStream", "logs:PutLogEvents"],
              ...["logs:DescribeLogStreams", "logs:GetLogEvents"],
            ],
            Resource: [arnOf(own, "logs", "log-group:RDS*"), arnOf(own, "logs", "log-group:RDS*:log-stream:*")],
          },
        ]),
      },
      { parent: this },
    );
    return { role, policy };
  }
}
