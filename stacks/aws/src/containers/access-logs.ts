import type * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, interpolate } from "@pulumi/pulumi";
import { PrivateBucket } from "../edge/bucket.js";
import type { Plan } from "../parts.js";

/** Who asked a load balancer for what: kept as long as logs are. Load balancers write to nothing that a key of our own seals. */
export class AccessLogs extends ComponentResource {
  readonly bucket: aws.s3.Bucket;
  /** Nothing is written before it stands. */
  readonly policy: aws.s3.BucketPolicy;

  constructor(name: string, { blueprint, own }: Plan, opts?: ComponentResourceOptions) {
    super("punctual:aws:AccessLogs", name, {}, opts);
    const { settings, defaults } = blueprint;
    const keptDays = settings.logDays ?? defaults.logs.days;
    const lines = new PrivateBucket(name, { precious: defaults.precious, keptDays }, { parent: this });
    this.bucket = lines.bucket;
    this.policy = lines.allow({
      Sid: "LinesFromLoadBalancers",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: interpolate`${lines.arn}/AWSLogs/${own.accountId}/*`,
      Condition: {
        ArnLike: {
          "aws:SourceArn": `arn:aws:elasticloadbalancing:${own.region}:${own.accountId}:loadbalancer/*`,
        },
      },
    });
    this.registerOutputs({ bucket: this.bucket.bucket });
  }
}
