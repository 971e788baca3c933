import * as gcp from "@pulumi/gcp";
import { all, ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import { actingAs, databaseRoles, needs, type Workload, type WorkloadName } from "@punctual/stack-blueprint";
import type { GcpAccounts } from "./accounts.js";
import { databaseSizeOf } from "./defaults.js";
import { workloadsOn } from "./differences.js";
import type { GcpKeys } from "./keys.js";
import type { GcpNetwork } from "./network.js";
import type { Plan } from "./parts.js";

const DATABASE = "punctual";
const GB = 1_000_000_000;
/** What is needed to go back to any moment is kept no longer, in this edition. */
const MOST_LOG_DAYS = 7;

const FLAGS = [
  // Accounts log in by tokens that are asked for with each connection.
  { name: "cloudsql.iam_authentication", value: "on" },
  // Where only functions run, nothing but the server sees to what has grown.
  { name: "autovacuum_naptime", value: "5" },
  { name: "log_lock_waits", value: "on" },
];

export interface DatabaseDeps {
  readonly network: GcpNetwork;
  readonly keys: GcpKeys;
  readonly accounts: GcpAccounts;
}

/** PostgreSQL with a private address alone. */
export class GcpDatabase extends ComponentResource {
  readonly instance: gcp.sql.DatabaseInstance;
  /** As Cloud Monitoring names it. */
  readonly id: Output<string>;
  /** Where it stops growing. */
  readonly mostBytes: number;
  readonly #accounts: GcpAccounts;
  readonly #users: readonly Workload[];

  constructor(name: string, plan: Plan, { network, keys, accounts }: DatabaseDeps, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Database", name, {}, opts);
    const { own, blueprint } = plan;
    const { precious } = blueprint.defaults;
    this.#accounts = accounts;
    const { mostStorageGb } = databaseSizeOf(own, blueprint.settings.environment);
    this.instance = new gcp.sql.DatabaseInstance(
      `${name}-instance`,
      {
        databaseVersion: "POSTGRES_17",
        region: own.region,
        encryptionKeyName: keys.data.key.id,
        deletionProtection: precious,
        settings: settingsOf(plan, network),
      },
      { parent: this, protect: precious, dependsOn: [network.connection, keys.data.allowed] },
    );
    new gcp.sql.Database(
      `${name}-punctual`,
      { instance: this.instance.name, name: DATABASE },
      { parent: this, protect: precious },
    );
    this.#users = workloadsOn(blueprint).filter((workload) => needs(workload, "database"));
    for (const workload of this.#users) this.#letIn(name, workload.name);
    this.id = interpolate`${own.project}:${this.instance.name}`;
    this.mostBytes = mostStorageGb * GB;
    this.registerOutputs({});
  }

  #letIn(name: string, workload: WorkloadName): void {
    new gcp.sql.User(
      `${name}-${workload}`,
      {
        instance: this.instance.name,
        name: userOf(this.#accounts.emailOf(workload)),
        type: "CLOUD_IAM_SERVICE_ACCOUNT",
        // PostgreSQL does not let go of a user who owns something.
        deletionPolicy: "ABANDON",
      },
      { parent: this },
    );
  }

  /** What gives its users their rights. */
  roles(): Output<string> {
    const users = this.#users.map((workload) =>
      userOf(this.#accounts.emailOf(workload.name)).apply((user) => ({ workload, user })),
    );
    return all(users).apply((known) => databaseRoles(DATABASE, known));
  }

  /** By its own account. TLS to whoever answers at that address: it is a private one. */
  urlOf(workload: Workload): Output<string> {
    const acting = actingAs(workload);
    return all([userOf(this.#accounts.emailOf(workload.name)), this.instance.privateIpAddress]).apply(
      ([user, address]) =>
        `postgres://${encodeURIComponent(user)}@${address}/${DATABASE}?uselibpqcompat=true&sslmode=require${acting}`,
    );
  }
}

function userOf(email: Output<string>): Output<string> {
  return email.apply((text) => text.replace(/\.gserviceaccount\.com$/, ""));
}

function settingsOf({ own, blueprint }: Plan, { vpc }: GcpNetwork): gcp.types.input.sql.DatabaseInstanceSettings {
  const { precious, standby, backups } = blueprint.defaults;
  const { tier, storageGb, mostStorageGb } = databaseSizeOf(own, blueprint.settings.environment);
  return {
    tier,
    // The other edition has no machines of these sizes, and is what this version would otherwise be given.
    edition: "ENTERPRISE",
    availabilityType: standby ? "REGIONAL" : "ZONAL",
    deletionProtectionEnabled: precious,
    retainBackupsOnDelete: precious,
    diskType: "PD_SSD",
    diskSize: storageGb,
    diskAutoresize: true,
    diskAutoresizeLimit: mostStorageGb,
    databaseFlags: FLAGS,
    ipConfiguration: { ipv4Enabled: false, privateNetwork: vpc.id, sslMode: "ENCRYPTED_ONLY" },
    backupConfiguration: {
      enabled: true,
      startTime: "02:00",
      pointInTimeRecoveryEnabled: true,
      transactionLogRetentionDays: Math.min(backups.days, MOST_LOG_DAYS),
      backupRetentionSettings: { retainedBackups: backups.days, retentionUnit: "COUNT" },
      ...(own.backupLocation !== undefined && { location: own.backupLocation }),
    },
    // Sunday, in the night.
    maintenanceWindow: { day: 7, hour: 3, updateTrack: "stable" },
    insightsConfig: { queryInsightsEnabled: true, recordApplicationTags: false, recordClientAddress: false },
  };
}
