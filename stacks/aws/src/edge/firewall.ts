import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import type { Plan } from "../parts.js";
import { FIREWALL_RULES, visible } from "./firewall-rules.js";

export interface FirewallArgs {
  readonly plan: Plan;
  /** What it stands before. A distribution names its firewall itself, and has it in us-east-1. */
  readonly before: { readonly resource: Input<string> } | "a distribution";
  /** What its log is sealed by. Keys belong to a region, so that of a distribution has none of ours. */
  readonly key?: aws.kms.Key;
}

/** What keeps out those who are known to be up to no good, or ask too often. */
export class AwsFirewall extends ComponentResource {
  readonly arn: Output<string>;

  constructor(name: string, { plan, before, key }: FirewallArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Firewall", name, {}, opts);
    const mine = { parent: this };
    const { names, defaults, settings } = plan.blueprint;
    const part = before === "a distribution" ? "console" : "api";
    const acl = new aws.wafv2.WebAcl(
      `${name}-acl`,
      {
        scope: before === "a distribution" ? "CLOUDFRONT" : "REGIONAL",
        defaultAction: { allow: {} },
        rules: [...FIREWALL_RULES],
        visibilityConfig: visible(names.of(part)),
      },
      mine,
    );
    if (before !== "a distribution") {
      new aws.wafv2.WebAclAssociation(
        `${name}-association`,
        { resourceArn: before.resource, webAclArn: acl.arn },
        mine,
      );
    }
    const log = new aws.cloudwatch.LogGroup(
      `${name}-log`,
      {
        // WAF writes to no group of another name.
        name: `aws-waf-logs-${names.of(part)}`,
        retentionInDays: settings.logDays ?? defaults.logs.days,
        ...(key !== undefined && { kmsKeyId: key.arn }),
      },
      { ...mine, retainOnDelete: settings.environment === "production" },
    );
    new aws.wafv2.WebAclLoggingConfiguration(
      `${name}-logging`,
      {
        resourceArn: acl.arn,
        logDestinationConfigs: [log.arn],
        redactedFields: [{ singleHeader: { name: "authorization" } }, { singleHeader: { name: "cookie" } }],
        loggingFilter: {
          defaultBehavior: "DROP",
          filters: [
            {
              behavior: "KEEP",
              requirement: "MEETS_ANY",
              conditions: ["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"].map((action) => ({ actionCondition: { action } })),
            },
          ],
        },
      },
      mine,
    );
    this.arn = acl.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
