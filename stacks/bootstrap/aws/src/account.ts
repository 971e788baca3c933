import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import { Artifacts } from "./artifacts.js";
import { Audit } from "./audit.js";
import { Deployers } from "./deployers.js";
import { GatewayLogs } from "./gateway-logs.js";
import { Posture } from "./posture.js";
import type { AccountSettings } from "./settings.js";
import { Spend } from "./spend.js";
import { StateStore } from "./state-store.js";

/** What whoever deploys must know of an account. */
export interface AccountOutputs {
  /** For `pulumi login`. */
  readonly backend: Output<string>;
  /** For `secretsprovider` in the stacks' files. */
  readonly secretsProvider: Output<string>;
  /** The role of each environment, for its workflow. */
  readonly deployers: Readonly<Record<string, Output<string>>>;
  readonly artifactBucket: Output<string>;
  readonly imageRepositories: Readonly<Record<string, Output<string>>>;
  readonly auditBucket: Output<string>;
}

/** What there is once in an account of AWS, whatever environments are in it. */
export class AwsAccount extends ComponentResource {
  readonly outputs: AccountOutputs;

  constructor(name: string, settings: AccountSettings, opts?: ComponentResourceOptions) {
    super("punctual:aws:Account", name, {}, opts);
    const parent = { parent: this };
    const state = new StateStore(`${name}-state`, settings, parent);
    const artifacts = new Artifacts(`${name}-artifacts`, settings, parent);
    const audit = new Audit(`${name}-audit`, { settings, watched: [state.bucket, artifacts.bucket] }, parent);
    const deployers = new Deployers(`${name}-deploy`, { settings, state, artifacts, audit }, parent);
    new GatewayLogs(`${name}-gateway-logs`, parent);
    new Spend(`${name}-spend`, settings, parent);
    if (settings.posture) new Posture(`${name}-posture`, settings, parent);
    this.outputs = {
      backend: interpolate`s3://${state.bucket.bucket.bucket}?region=${settings.region}&awssdk=v2`,
      secretsProvider: interpolate`awskms://${state.alias.name}?region=${settings.region}`,
      deployers: deployers.arns,
      artifactBucket: artifacts.bucket.bucket.bucket,
      imageRepositories: artifacts.repositoryUrls,
      auditBucket: audit.bucket.bucket.bucket,
    };
    this.registerOutputs({ ...this.outputs });
  }
}

export function provisionAccount(settings: AccountSettings): AccountOutputs {
  const provider = new aws.Provider("aws", {
    region: settings.region,
    allowedAccountIds: [settings.accountId],
    defaultTags: { tags: { project: settings.project, "managed-by": "pulumi", component: "bootstrap" } },
  });
  return new AwsAccount(settings.project, settings, { providers: [provider] }).outputs;
}
