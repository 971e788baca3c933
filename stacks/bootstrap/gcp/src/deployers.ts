import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import type { Images } from "./images.js";
import type { ProjectSettings } from "./settings.js";
import type { StateStore } from "./state-store.js";

export interface DeployersArgs {
  readonly settings: ProjectSettings;
  readonly state: StateStore;
  readonly images: Images | undefined;
}

/** What a platform is made of. None of them lets anybody give roles away. */
export const ROLES = [
  ...["roles/certificatemanager.owner", "roles/cloudkms.admin", "roles/cloudscheduler.admin", "roles/cloudsql.admin"],
  ...[
    "roles/compute.loadBalancerAdmin",
    "roles/compute.networkAdmin",
    "roles/compute.securityAdmin",
    "roles/dns.admin",
  ],
  ...["roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountUser", "roles/logging.configWriter"],
  ...["roles/monitoring.editor", "roles/pubsub.admin", "roles/run.admin", "roles/secretmanager.admin"],
  ...["roles/servicenetworking.networksAdmin", "roles/serviceusage.serviceUsageConsumer", "roles/storage.admin"],
] as const;

/** What a platform gives to its workloads on the whole project: a deployer can give these, and no others. */
export const GIVEN = [
  ...["roles/cloudsql.client", "roles/cloudsql.instanceUser", "roles/cloudtrace.agent"],
  ...["roles/logging.logWriter", "roles/monitoring.metricWriter", "roles/telemetry.writer"],
] as const;

/** Whom workflows are when they deploy: one account for each environment, which no other environment's workflow can be. */
export class Deployers extends ComponentResource {
  readonly emails: Readonly<Record<string, Output<string>>>;
  /** What workflows name to be believed. */
  readonly provider: gcp.iam.WorkloadIdentityPoolProvider;

  constructor(name: string, args: DeployersArgs, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Deployers", name, {}, opts);
    const { settings } = args;
    const pool = new gcp.iam.WorkloadIdentityPool(
      `${name}-pool`,
      { workloadIdentityPoolId: `${settings.name}-github`, displayName: "Workflows of GitHub" },
      { parent: this },
    );
    this.provider = new gcp.iam.WorkloadIdentityPoolProvider(
      `${name}-provider`,
      {
        workloadIdentityPoolId: pool.workloadIdentityPoolId,
        workloadIdentityPoolProviderId: "github",
        oidc: { issuerUri: "https://token.actions.githubusercontent.com" },
        attributeMapping: {
          "google.subject": "assertion.sub",
          "attribute.repository": "assertion.repository",
          "attribute.environment": "assertion.environment",
        },
        attributeCondition: conditionOf(settings),
      },
      { parent: this },
    );
    this.emails = Object.fromEntries(
      settings.environments.map((environment) => [environment, this.#deployer(name, environment, args, pool).email]),
    );
    this.registerOutputs({ emails: this.emails, provider: this.provider.name });
  }

  #deployer(
    name: string,
    environment: string,
    { settings, state, images }: DeployersArgs,
    pool: gcp.iam.WorkloadIdentityPool,
  ): gcp.serviceaccount.Account {
    const parent = { parent: this };
    const mine = `${name}-${environment}`;
    const account = new gcp.serviceaccount.Account(
      `${mine}-account`,
      {
        accountId: `${settings.name}-deploy-${environment}`,
        displayName: `Deploys ${settings.name} in ${environment}`,
      },
      parent,
    );
    const { project } = settings;
    const member = interpolate`serviceAccount:${account.email}`;
    new gcp.serviceaccount.IAMMember(
      `${mine}-workflow`,
      {
        serviceAccountId: account.name,
        role: "roles/iam.workloadIdentityUser",
        member: interpolate`principal://iam.googleapis.com/${pool.name}/subject/repo:${settings.repository}:environment:${environment}`,
      },
      parent,
    );
    for (const role of ROLES) {
      new gcp.projects.IAMMember(`${mine}-${slugOf(role)}`, { project, role, member }, parent);
    }
    new gcp.projects.IAMMember(
      `${mine}-gives-roles`,
      { project, role: "roles/resourcemanager.projectIamAdmin", member, condition: GIVES_FEW },
      parent,
    );
    new gcp.billing.AccountIamMember(
      `${mine}-budget`,
      { billingAccountId: settings.billingAccount, role: "roles/billing.costsManager", member },
      parent,
    );
    new gcp.storage.BucketIAMMember(
      `${mine}-state`,
      { bucket: state.bucket.name, role: "roles/storage.objectAdmin", member },
      parent,
    );
    new gcp.kms.CryptoKeyIAMMember(
      `${mine}-state-key`,
      { cryptoKeyId: state.key.id, role: "roles/cloudkms.cryptoKeyEncrypterDecrypter", member },
      parent,
    );
    if (images !== undefined) {
      new gcp.artifactregistry.RepositoryIamMember(
        `${mine}-images`,
        {
          repository: images.repository.name,
          location: settings.region,
          role: "roles/artifactregistry.writer",
          member,
        },
        parent,
      );
    }
    return account;
  }
}

/** Tokens of all of GitHub have the same issuer: without this anybody's workflow would be let in. */
export function conditionOf({ repository, environments }: ProjectSettings): string {
  const named = environments.map((environment) => `'${environment}'`).join(", ");
  return `assertion.repository == '${repository}' && assertion.environment in [${named}]`;
}

const GIVES_FEW = {
  title: "Gives what workloads need",
  description: "and nothing that would make anybody more powerful",
  expression: `api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly([${GIVEN.map((role) => `'${role}'`).join(", ")}])`,
};

function slugOf(role: string): string {
  return role.replace("roles/", "").replaceAll(".", "-");
}
