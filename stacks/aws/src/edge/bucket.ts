import * as aws from "@pulumi/aws";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  jsonStringify,
  type Output,
} from "@pulumi/pulumi";

export interface PrivateBucketArgs {
  /** Whether it resists being deleted. */
  readonly precious: boolean;
  /** After how many days what is in it goes; else only what was replaced does. */
  readonly keptDays?: number;
}

/** What was replaced by mistake can be had back; of what goes by itself nothing stays behind. */
const REPLACED_DAYS = 30;
const GONE_DAYS = 1;
const UNFINISHED_DAYS = 7;

/** A bucket that nobody reaches but by its policy. */
export class PrivateBucket extends ComponentResource {
  readonly bucket: aws.s3.Bucket;
  readonly arn: Output<string>;
  readonly #name: string;
  readonly #closed: aws.s3.BucketPublicAccessBlock;

  constructor(name: string, { precious, keptDays }: PrivateBucketArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:PrivateBucket", name, {}, opts);
    const mine = { parent: this };
    this.#name = name;
    const bucket = new aws.s3.Bucket(`${name}-bucket`, { forceDestroy: !precious }, { ...mine, protect: precious });
    this.#closed = new aws.s3.BucketPublicAccessBlock(
      `${name}-public`,
      {
        bucket: bucket.id,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      mine,
    );
    new aws.s3.BucketOwnershipControls(
      `${name}-owner`,
      { bucket: bucket.id, rule: { objectOwnership: "BucketOwnerEnforced" } },
      mine,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-sealed`,
      // Pages are for everybody, and their log has no secrets: a key of our own would be one more to give leave to.
      { bucket: bucket.id, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      mine,
    );
    const versions = new aws.s3.BucketVersioning(
      `${name}-versions`,
      { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } },
      mine,
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-life`,
      {
        bucket: bucket.id,
        rules: [
          {
            id: "tidy",
            status: "Enabled",
            filter: { prefix: "" },
            abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED_DAYS },
            noncurrentVersionExpiration: { noncurrentDays: keptDays === undefined ? REPLACED_DAYS : GONE_DAYS },
            ...(keptDays !== undefined && { expiration: { days: keptDays } }),
          },
        ],
      },
      { ...mine, dependsOn: [versions] },
    );
    this.bucket = bucket;
    this.arn = bucket.arn;
    this.registerOutputs({ arn: this.arn });
  }

  /** Who may do what, by TLS alone. A bucket has one policy, so this is said once; whoever writes to it waits for that. */
  allow(statement: Readonly<Record<string, Input<unknown>>>): aws.s3.BucketPolicy {
    const everything = [this.arn, interpolate`${this.arn}/*`];
    return new aws.s3.BucketPolicy(
      `${this.#name}-policy`,
      {
        bucket: this.bucket.id,
        policy: jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "TlsOnly",
              Effect: "Deny",
              Principal: "*",
              Action: "s3:*",
              Resource: everything,
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
            { Effect: "Allow", ...statement },
          ],
        }),
      },
      // S3 refuses one of two changes to who may reach a bucket that come at a time.
      { parent: this, dependsOn: [this.#closed] },
    );
  }
}
