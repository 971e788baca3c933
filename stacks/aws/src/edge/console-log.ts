import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, interpolate } from "@pulumi/pulumi";
import type { Plan } from "../parts.js";
import { PrivateBucket } from "./bucket.js";

export interface ConsoleLogArgs {
  readonly plan: Plan;
  readonly distribution: aws.cloudfront.Distribution;
  readonly global: aws.Provider;
}

/** Who has asked CloudFront for what, delivered by CloudWatch: what CloudFront delivers itself needs a bucket with ACLs. */
export class ConsoleLog extends ComponentResource {
  constructor(name: string, { plan, distribution, global }: ConsoleLogArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:ConsoleLog", name, {}, opts);
    const mine = { parent: this };
    const { names, settings, defaults } = plan.blueprint;
    const { accountId } = plan.own;
    const keptDays = settings.logDays ?? defaults.logs.days;
    const lines = new PrivateBucket(`${name}-lines`, { precious: defaults.precious, keptDays }, mine);
    const allowed = lines.allow({
      Sid: "LinesFromCloudWatch",
      Principal: { Service: "delivery.logs.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: interpolate`${lines.arn}/*`,
      Condition: {
        StringEquals: { "aws:SourceAccount": accountId },
        ArnLike: { "aws:SourceArn": `arn:aws:logs:us-east-1:${accountId}:delivery-source:*` },
      },
    });
    // CloudFront is at home in us-east-1, and so is what it logs.
    const there = { ...mine, provider: global };
    const source = new aws.cloudwatch.LogDeliverySource(
      `${name}-source`,
      { name: names.of("console", 60), logType: "ACCESS_LOGS", resourceArn: distribution.arn },
      there,
    );
    const destination = new aws.cloudwatch.LogDeliveryDestination(
      `${name}-destination`,
      {
        name: names.of("console", 60),
        outputFormat: "json",
        deliveryDestinationConfiguration: { destinationResourceArn: lines.arn },
      },
      // CloudWatch would write a policy of its own for a bucket that does not let it in yet.
      { ...there, dependsOn: [allowed] },
    );
    new aws.cloudwatch.LogDelivery(
      `${name}-delivery`,
      { deliverySourceName: source.name, deliveryDestinationArn: destination.arn },
      there,
    );
    this.registerOutputs({});
  }
}
