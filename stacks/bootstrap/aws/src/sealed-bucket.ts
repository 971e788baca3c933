import * as aws from "@pulumi/aws";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  jsonStringify,
} from "@pulumi/pulumi";

export interface SealedBucketArgs {
  readonly key: aws.kms.Key;
  /** How long what was replaced or deleted can be had back. */
  readonly keptDays: number;
  /** How long anything is in it at all; left out, for good. */
  readonly expiresDays?: number;
  /** Days in which nobody deletes what is in it. */
  readonly lockedDays?: number;
  /** Who may do what with it, besides those of the account whose own policies say so. */
  readonly statements?: (bucket: aws.s3.Bucket) => readonly aws.iam.PolicyStatement[];
}

/** A bucket that nobody reads from outside, that forgets nothing at once, and that speaks TLS alone. */
export class SealedBucket extends ComponentResource {
  readonly bucket: aws.s3.Bucket;
  /** What it lets whom do: who writes to it must wait for this. */
  readonly policy: aws.s3.BucketPolicy;

  constructor(name: string, args: SealedBucketArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:SealedBucket", name, {}, opts);
    const { key, keptDays, expiresDays, lockedDays, statements } = args;
    const parent = { parent: this };
    this.bucket = new aws.s3.Bucket(
      `${name}-bucket`,
      { objectLockEnabled: lockedDays !== undefined },
      { parent: this, protect: true },
    );
    const bucket = this.bucket.id;
    const blocked = new aws.s3.BucketPublicAccessBlock(
      `${name}-private`,
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      parent,
    );
    new aws.s3.BucketOwnershipControls(
      `${name}-owner`,
      { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      parent,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      {
        bucket,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
            bucketKeyEnabled: true,
          },
        ],
      },
      parent,
    );
    const versioning = new aws.s3.BucketVersioning(
      `${name}-versions`,
      { bucket, versioningConfiguration: { status: "Enabled" } },
      parent,
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        bucket,
        rules: [
          {
            id: "forget",
            status: "Enabled",
            filter: {},
            ...(expiresDays !== undefined && { expiration: { days: expiresDays } }),
            noncurrentVersionExpiration: { noncurrentDays: keptDays },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
      { parent: this, dependsOn: [versioning] },
    );
    if (lockedDays !== undefined) {
      new aws.s3.BucketObjectLockConfiguration(
        `${name}-lock`,
        { bucket, rule: { defaultRetention: { mode: "GOVERNANCE", days: lockedDays } } },
        { parent: this, dependsOn: [versioning] },
      );
    }
    this.policy = new aws.s3.BucketPolicy(
      `${name}-policy`,
      {
        bucket,
        policy: policyOf([tlsAlone(this.bucket), ...(statements?.(this.bucket) ?? [])]),
      },
      // S3 refuses one of two changes to who may reach a bucket that come at a time.
      { parent: this, dependsOn: [blocked] },
    );
    this.registerOutputs({ bucket: this.bucket.bucket });
  }
}

/** Policies are written as AWS writes them. */
export function policyOf(statements: readonly aws.iam.PolicyStatement[]): Input<string> {
  return jsonStringify({ Version: "2012-10-17", Statement: statements });
}

function tlsAlone({ arn }: aws.s3.Bucket): aws.iam.PolicyStatement {
  return {
    Sid: "TlsAlone",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [arn, interpolate`${arn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}
