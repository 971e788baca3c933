import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import { policyOf, SealedBucket } from "./sealed-bucket.js";
import type { AccountSettings } from "./settings.js";

export interface AuditArgs {
  readonly settings: AccountSettings;
  /** Buckets of which each reading and writing is noted. */
  readonly watched: readonly SealedBucket[];
}

/** What is done with the account, by whom, in all regions, where nobody changes it afterwards. */
export class Audit extends ComponentResource {
  readonly key: aws.kms.Key;
  readonly bucket: SealedBucket;
  readonly trail: aws.cloudtrail.Trail;

  constructor(name: string, { settings, watched }: AuditArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Audit", name, {}, opts);
    const trailName = `${settings.project}-audit`;
    const trailArn = `arn:aws:cloudtrail:${settings.region}:${settings.accountId}:trail/${trailName}`;
    this.key = new aws.kms.Key(
      `${name}-key`,
      {
        description: `Audit of ${settings.project}`,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: policyOf(keyStatements(settings.accountId, trailArn)),
      },
      { parent: this, protect: true },
    );
    this.bucket = new SealedBucket(
      `${name}-store`,
      {
        key: this.key,
        keptDays: 30,
        expiresDays: settings.auditDays,
        lockedDays: settings.auditDays,
        statements: ({ arn }) => bucketStatements(arn, settings.accountId, trailArn),
      },
      { parent: this },
    );
    this.trail = new aws.cloudtrail.Trail(
      `${name}-trail`,
      {
        name: trailName,
        s3BucketName: this.bucket.bucket.id,
        kmsKeyId: this.key.arn,
        isMultiRegionTrail: true,
        includeGlobalServiceEvents: true,
        enableLogFileValidation: true,
        advancedEventSelectors: [
          { name: "management", fieldSelectors: [{ field: "eventCategory", equals: ["Management"] }] },
          {
            name: "watched buckets",
            fieldSelectors: [
              { field: "eventCategory", equals: ["Data"] },
              { field: "resources.type", equals: ["AWS::S3::Object"] },
              { field: "resources.ARN", startsWiths: watched.map(({ bucket }) => interpolate`${bucket.arn}/`) },
            ],
          },
        ],
      },
      { parent: this, protect: true, dependsOn: [this.bucket.policy] },
    );
    this.registerOutputs({ trail: this.trail.arn });
  }
}

const TRAIL = { Service: "cloudtrail.amazonaws.com" };

function keyStatements(accountId: string, trailArn: string): readonly aws.iam.PolicyStatement[] {
  return [
    {
      Sid: "Account",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    {
      Sid: "Trail",
      Effect: "Allow",
      Principal: TRAIL,
      Action: ["kms:GenerateDataKey*", "kms:DescribeKey"],
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceArn": trailArn } },
    },
  ];
}

function bucketStatements(
  arn: Output<string>,
  accountId: string,
  trailArn: string,
): readonly aws.iam.PolicyStatement[] {
  const mine = { "aws:SourceArn": trailArn };
  return [
    {
      Sid: "TrailLooks",
      Effect: "Allow",
      Principal: TRAIL,
      Action: "s3:GetBucketAcl",
      Resource: arn,
      Condition: { StringEquals: mine },
    },
    {
      Sid: "TrailWrites",
      Effect: "Allow",
      Principal: TRAIL,
      Action: "s3:PutObject",
      Resource: interpolate`${arn}/AWSLogs/${accountId}/*`,
      Condition: { StringEquals: { ...mine, "s3:x-amz-acl": "bucket-owner-full-control" } },
    },
  ];
}
