import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import type { Artifacts } from "./artifacts.js";
import type { Audit } from "./audit.js";
import { boundaryNameOf, boundaryOf, limitsOf, permissionsOf } from "./permissions.js";
import { policyOf } from "./sealed-bucket.js";
import type { AccountSettings } from "./settings.js";
import type { StateStore } from "./state-store.js";

const GITHUB = "token.actions.githubusercontent.com";

export interface DeployersArgs {
  readonly settings: AccountSettings;
  readonly state: StateStore;
  readonly artifacts: Artifacts;
  readonly audit: Audit;
}

/** Whom workflows are when they deploy: one role for each environment, which no other environment's workflow can take. */
export class Deployers extends ComponentResource {
  readonly arns: Readonly<Record<string, Output<string>>>;

  constructor(name: string, args: DeployersArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Deployers", name, {}, opts);
    const { settings } = args;
    const parent = { parent: this };
    // The account knows it once, whoever has told it.
    const provider: Input<string> = settings.githubKnown
      ? `arn:aws:iam::${settings.accountId}:oidc-provider/${GITHUB}`
      : new aws.iam.OpenIdConnectProvider(
          `${name}-github`,
          { url: `https://${GITHUB}`, clientIdLists: ["sts.amazonaws.com"] },
          parent,
        ).arn;
    const limits = new aws.iam.Policy(
      `${name}-limits`,
      { name: `${settings.project}-deploy-limits`, policy: policyOf(limitsOf(args)) },
      parent,
    );
    this.arns = Object.fromEntries(
      settings.environments.map((environment) => {
        const role = new aws.iam.Role(
          `${name}-${environment}-role`,
          {
            name: `${settings.project}-deploy-${environment}`,
            description: `Deploys ${settings.project} in ${environment}`,
            // A canary lasts longer than an hour's token where it is watched to its end.
            maxSessionDuration: 7_200,
            permissionsBoundary: limits.arn,
            assumeRolePolicy: policyOf([trusting(provider, settings.repository, environment)]),
          },
          parent,
        );
        const allowed = new aws.iam.Policy(
          `${name}-${environment}-policy`,
          { name: `${settings.project}-deploy-${environment}`, policy: policyOf(permissionsOf(args, environment)) },
          parent,
        );
        new aws.iam.Policy(
          `${name}-${environment}-workloads`,
          {
            name: boundaryNameOf(settings, environment),
            description: "What roles of workloads may do at the most",
            policy: policyOf(boundaryOf(args, environment)),
          },
          parent,
        );
        new aws.iam.RolePolicyAttachment(
          `${name}-${environment}-attachment`,
          { role: role.name, policyArn: allowed.arn },
          parent,
        );
        return [environment, role.arn];
      }),
    );
    this.registerOutputs({ arns: this.arns });
  }
}

/** An environment of GitHub has its own rules on who may deploy: the trust is in it, and not in a branch. */
function trusting(provider: Input<string>, repository: string, environment: string): aws.iam.PolicyStatement {
  return {
    Effect: "Allow",
    Principal: { Federated: provider },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        [`${GITHUB}:aud`]: "sts.amazonaws.com",
        [`${GITHUB}:sub`]: `repo:${repository}:environment:${environment}`,
      },
    },
  };
}
