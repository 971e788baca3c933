import * as aws from "@pulumi/aws";
import type { Resource } from "@pulumi/pulumi";
import type { Keys, Plan } from "./parts.js";

export interface LogGroupOptions {
  readonly parent: Resource;
  readonly plan: Plan;
  readonly keys: Keys;
  /** As whoever writes into it knows it. */
  readonly physicalName: string;
}

/** Made before anybody writes into it: a group that a service makes by itself keeps everything for ever, unsealed. */
export function logGroup(name: string, { parent, plan, keys, physicalName }: LogGroupOptions): aws.cloudwatch.LogGroup {
  const { settings, defaults } = plan.blueprint;
  return new aws.cloudwatch.LogGroup(
    name,
    {
      name: physicalName,
      retentionInDays: settings.logDays ?? defaults.logs.days,
      kmsKeyId: keys.logs.arn,
    },
    { parent, retainOnDelete: settings.environment === "production" },
  );
}
