import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, interpolate, jsonStringify } from "@pulumi/pulumi";
import type { Plan } from "../parts.js";

/** Who asked a load balancer for what: kept as long as logs are. */
export class AccessLogs extends ComponentResource {
  readonly bucket: aws.s3.Bucket;
  /** Nothing is written before it stands. */
  readonly policy: aws.s3.BucketPolicy;

  constructor(name: string, { blueprint, own }: Plan, opts?: ComponentResourceOptions) {
    super("punctual:aws:AccessLogs", name, {}, opts);
    const parent = { parent: this };
    const days = blueprint.settings.logDays ?? blueprint.defaults.logs.days;
    this.bucket = new aws.s3.Bucket(
      `${name}-bucket`,
      { forceDestroy: !blueprint.defaults.precious },
      { parent: this, protect: blueprint.defaults.precious },
    );
    const { bucket } = this.bucket;
    const closed = new aws.s3.BucketPublicAccessBlock(
      `${name}-closed`,
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      parent,
    );
    new aws.s3.BucketOwnershipControls(
      `${name}-owner`,
      { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      parent,
    );
    new aws.s3.BucketVersioning(`${name}-versions`, { bucket, versioningConfiguration: { status: "Enabled" } }, parent);
    // Load balancers write to nothing that a key of our own seals.
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-seal`,
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
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
            filter: { prefix: "" },
            expiration: { days },
            noncurrentVersionExpiration: { noncurrentDays: 1 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
          },
        ],
      },
      parent,
    );
    const { arn } = this.bucket;
    this.policy = new aws.s3.BucketPolicy(
      `${name}-policy`,
      {
        bucket,
        policy: jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
              Action: "s3:PutObject",
              Resource: interpolate`${arn}/AWSLogs/${own.accountId}/*`,
              Condition: {
                ArnLike: {
                  "aws:SourceArn": `arn:aws:elasticloadbalancing:${own.region}:${own.accountId}:loadbalancer/*`,
                },
              },
            },
            {
              Effect: "Deny",
              Principal: "*",
              Action: "s3:*",
              Resource: [arn, interpolate`${arn}/*`],
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        }),
      },
      { parent: this, dependsOn: [closed] },
    );
    this.registerOutputs({ bucket });
  }
}
