import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { SealedBucket } from "./sealed-bucket.js";
import type { AccountSettings } from "./settings.js";

/** Where Pulumi keeps what it knows of stacks, and the key of their secrets. */
export class StateStore extends ComponentResource {
  readonly key: aws.kms.Key;
  readonly alias: aws.kms.Alias;
  readonly bucket: SealedBucket;

  constructor(name: string, { project }: AccountSettings, opts?: ComponentResourceOptions) {
    super("punctual:aws:StateStore", name, {}, opts);
    this.key = new aws.kms.Key(
      `${name}-key`,
      { description: `State of ${project}`, enableKeyRotation: true, deletionWindowInDays: 30 },
      { parent: this, protect: true },
    );
    this.alias = new aws.kms.Alias(
      `${name}-alias`,
      { name: `alias/${project}-pulumi-state`, targetKeyId: this.key.keyId },
      { parent: this },
    );
    this.bucket = new SealedBucket(`${name}-store`, { key: this.key, keptDays: 365 }, { parent: this });
    this.registerOutputs({ bucket: this.bucket.bucket.bucket, key: this.key.arn });
  }
}
