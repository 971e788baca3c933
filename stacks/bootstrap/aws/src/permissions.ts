import type * as aws from "@pulumi/aws";
import { interpolate } from "@pulumi/pulumi";
import type { Artifacts } from "./artifacts.js";
import type { Audit } from "./audit.js";
import type { AccountSettings } from "./settings.js";
import type { StateStore } from "./state-store.js";

export interface Owned {
  readonly settings: AccountSettings;
  readonly state: StateStore;
  readonly artifacts: Artifacts;
  readonly audit: Audit;
}

type Statement = aws.iam.PolicyStatement;

/** Services that a platform is made of, and whose resources have no names that one could hold on to beforehand. */
const SERVICES = [
  ...[
    "acm",
    "apigateway",
    "application-autoscaling",
    "backup",
    "backup-storage",
    "budgets",
    "cloudfront",
    "cloudwatch",
  ],
  ...[
    "codedeploy",
    "ec2",
    "ecs",
    "elasticloadbalancing",
    "kms",
    "lambda",
    "logs",
    "rds",
    "route53",
    "scheduler",
    "sns",
  ],
  ...["sqs", "synthetics", "tag", "wafv2", "xray"],
];
/** Where services that are nowhere in particular say they are; CloudFront's certificates and firewalls are there indeed. */
const NOWHERE = "us-east-1";

/** Services that a workload's role is handed to. */
const ROLES_GO_TO = [
  ...["lambda", "scheduler", "rds", "apigateway", "codedeploy", "ecs-tasks", "ecs", "backup", "vpc-flow-logs"],
  ...["synthetics", "monitoring.rds"],
].map((service) => `${service}.amazonaws.com`);

/**
 * What the deployer of an environment may do: everything with the services of a platform in its regions; with roles, secrets and
 * buckets only where their names begin as those of the environment do; and with the state only of its own stacks.
 */
export function permissionsOf(owned: Owned, environment: string): readonly Statement[] {
  const { settings } = owned;
  const { accountId, project } = settings;
  const own = `${project}-${environment}-*`;
  return [
    {
      Sid: "Services",
      Effect: "Allow",
      Action: SERVICES.map((service) => `${service}:*`),
      Resource: "*",
      Condition: {
        StringEquals: { "aws:RequestedRegion": [settings.region, ...settings.otherRegions, NOWHERE] },
      },
    },
    {
      Sid: "Roles",
      Effect: "Allow",
      Action: [
        ...["iam:DeleteRole", "iam:GetRole", "iam:UpdateRole", "iam:UpdateAssumeRolePolicy"],
        ...["iam:TagRole", "iam:UntagRole", "iam:ListRoleTags", "iam:ListInstanceProfilesForRole"],
        ...["iam:GetRolePolicy", "iam:DeleteRolePolicy", "iam:ListRolePolicies"],
        ...["iam:DetachRolePolicy", "iam:ListAttachedRolePolicies"],
      ],
      Resource: `arn:aws:iam::${accountId}:role/${own}`,
    },
    {
      // Whoever could make a role of any power, and hand it to a function, had that power.
      Sid: "BoundedRoles",
      Effect: "Allow",
      Action: ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"],
      Resource: `arn:aws:iam::${accountId}:role/${own}`,
      Condition: { StringEquals: { "iam:PermissionsBoundary": boundaryArnOf(settings, environment) } },
    },
    {
      Sid: "HandsRolesOver",
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: `arn:aws:iam::${accountId}:role/${own}`,
      Condition: { StringEquals: { "iam:PassedToService": ROLES_GO_TO } },
    },
    {
      Sid: "RolesOfServices",
      Effect: "Allow",
      Action: "iam:CreateServiceLinkedRole",
      Resource: `arn:aws:iam::${accountId}:role/aws-service-role/*`,
    },
    {
      Sid: "Secrets",
      Effect: "Allow",
      Action: "secretsmanager:*",
      // RDS makes the secret of the master's password, and names it.
      Resource: [
        `arn:aws:secretsmanager:*:${accountId}:secret:${own}`,
        `arn:aws:secretsmanager:*:${accountId}:secret:rds!*`,
      ],
    },
    { Sid: "Buckets", Effect: "Allow", Action: "s3:*", Resource: [`arn:aws:s3:::${own}`, `arn:aws:s3:::${own}/*`] },
    ...stateOf(owned, environment),
    ...artifactsFor(owned),
  ];
}

/** The name is one that no deployer may touch. */
export function boundaryNameOf({ project }: AccountSettings, environment: string): string {
  return `${project}-deploy-${environment}-workloads`;
}

function boundaryArnOf(settings: AccountSettings, environment: string): string {
  return `arn:aws:iam::${settings.accountId}:policy/${boundaryNameOf(settings, environment)}`;
}

/** Services that ask services of the platform by a role of its workloads, and have no part in who may do what. */
const WORKLOADS_USE = [
  ...["backup", "backup-storage", "cloudwatch", "codedeploy", "dynamodb", "ec2", "ecr", "ecs", "elasticloadbalancing"],
  ...["events", "kms", "lambda", "logs", "rds", "rds-db", "sns", "sqs", "ssmmessages", "synthetics", "tag", "xray"],
];

/** What the roles that a deployer makes may do at the most, whatever it writes into them. */
export function boundaryOf({ settings }: Pick<Owned, "settings">, environment: string): readonly Statement[] {
  const { accountId, project } = settings;
  const own = `${project}-${environment}-*`;
  return [
    { Sid: "Services", Effect: "Allow", Action: WORKLOADS_USE.map((service) => `${service}:*`), Resource: "*" },
    {
      Sid: "OwnSecrets",
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
      Resource: [
        `arn:aws:secretsmanager:*:${accountId}:secret:${own}`,
        `arn:aws:secretsmanager:*:${accountId}:secret:rds!*`,
      ],
    },
    { Sid: "OwnBuckets", Effect: "Allow", Action: "s3:*", Resource: [`arn:aws:s3:::${own}`, `arn:aws:s3:::${own}/*`] },
    {
      Sid: "HandsRolesOn",
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: `arn:aws:iam::${accountId}:role/${own}`,
      Condition: { StringEquals: { "iam:PassedToService": ROLES_GO_TO } },
    },
  ];
}

/** Pulumi keeps `<project>/<stack>` under several folders, and what it says of the bucket in one file. */
function stateOf({ settings: { project }, state }: Owned, environment: string): readonly Statement[] {
  const { arn } = state.bucket.bucket;
  return [
    { Sid: "StateListed", Effect: "Allow", Action: ["s3:ListBucket", "s3:GetBucketLocation"], Resource: arn },
    {
      Sid: "StateRead",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: [interpolate`${arn}/.pulumi/meta.yaml`, interpolate`${arn}/.pulumi/stacks/${project}-bootstrap-aws/*`],
    },
    {
      Sid: "StateWritten",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      Resource: interpolate`${arn}/.pulumi/*/${project}/aws-${environment}*`,
    },
    {
      Sid: "StateKey",
      Effect: "Allow",
      Action: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"],
      Resource: state.key.arn,
    },
  ];
}

/** Whoever deploys takes what was built; whoever builds puts it there first, in the same workflow. */
function artifactsFor({ artifacts }: Owned): readonly Statement[] {
  const { arn } = artifacts.bucket.bucket;
  return [
    {
      Sid: "Archives",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:ListBucket"],
      Resource: [arn, interpolate`${arn}/*`],
    },
    {
      Sid: "ArchiveKey",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: artifacts.key.arn,
    },
    { Sid: "ImagesToken", Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
    {
      Sid: "Images",
      Effect: "Allow",
      Action: [
        ...["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        ...["ecr:DescribeImages", "ecr:DescribeImageScanFindings", "ecr:PutImage"],
        ...["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"],
      ],
      Resource: artifacts.repositories.map((repository) => repository.arn),
    },
  ];
}

/** What no deployer does, whatever its policies come to say: it makes nobody else powerful, and blinds nobody who looks. */
export function limitsOf({ settings: { accountId, project }, state, artifacts, audit }: Owned): readonly Statement[] {
  const deployers = [
    `arn:aws:iam::${accountId}:role/${project}-deploy-*`,
    `arn:aws:iam::${accountId}:policy/${project}-deploy-*`,
  ];
  return [
    { Sid: "Anything", Effect: "Allow", Action: "*", Resource: "*" },
    {
      Sid: "ButPeople",
      Effect: "Deny",
      Action: [
        ...["iam:CreateUser", "iam:CreateGroup", "iam:CreateAccessKey", "iam:CreateLoginProfile"],
        ...["iam:UpdateLoginProfile", "iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:AddUserToGroup"],
        ...["iam:*OpenIDConnectProvider*", "iam:*SAMLProvider*", "organizations:*", "account:*"],
      ],
      Resource: "*",
    },
    {
      Sid: "ButDeployers",
      Effect: "Deny",
      Action: [
        ...["iam:Create*", "iam:Delete*", "iam:Put*", "iam:Attach*", "iam:Detach*", "iam:Update*", "iam:Set*"],
        ...["iam:Tag*", "iam:Untag*", "iam:PassRole"],
      ],
      Resource: deployers,
    },
    {
      Sid: "ButGuards",
      Effect: "Deny",
      Action: [
        ...[
          "cloudtrail:StopLogging",
          "cloudtrail:DeleteTrail",
          "cloudtrail:UpdateTrail",
          "cloudtrail:PutEventSelectors",
        ],
        ...["guardduty:Delete*", "guardduty:Disassociate*", "guardduty:Stop*", "guardduty:UpdateDetector"],
        ...["securityhub:Disable*", "securityhub:Delete*", "access-analyzer:Delete*"],
      ],
      Resource: "*",
    },
    {
      Sid: "ButKeys",
      Effect: "Deny",
      Action: ["kms:ScheduleKeyDeletion", "kms:DisableKey*", "kms:PutKeyPolicy", "kms:CreateGrant", "kms:Update*"],
      Resource: [state.key.arn, artifacts.key.arn, audit.key.arn],
    },
  ];
}
