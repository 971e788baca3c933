import type * as aws from "@pulumi/aws";

/** Requests of one address in five minutes. */
export const MOST_REQUESTS = 2_000;
const WINDOW_S = 300;

interface Managed {
  readonly name: string;
  /** Rules that only count. */
  readonly counting?: readonly string[];
}

/**
 * A body is anybody's JSON of up to 256 KiB, in which addresses and markup are nothing strange: it is read, sent on, and never
 * run. Whether an address may be called the sender decides. Receivers that acknowledge may have no user agent.
 */
const HARMLESS_HERE = [
  "SizeRestrictions_BODY",
  "GenericRFI_BODY",
  "GenericLFI_BODY",
  "EC2MetaDataSSRF_BODY",
  "CrossSiteScripting_BODY",
  "NoUserAgent_HEADER",
];

const MANAGED: readonly Managed[] = [
  { name: "AWSManagedRulesAmazonIpReputationList" },
  { name: "AWSManagedRulesCommonRuleSet", counting: HARMLESS_HERE },
  { name: "AWSManagedRulesKnownBadInputsRuleSet" },
];

type Rule = aws.types.input.wafv2.WebAclRule;

export const FIREWALL_RULES: readonly Rule[] = [
  {
    name: "rate",
    priority: 0,
    action: { block: {} },
    statement: {
      rateBasedStatement: { aggregateKeyType: "IP", limit: MOST_REQUESTS, evaluationWindowSec: WINDOW_S },
    },
    visibilityConfig: visible("rate"),
  },
  ...MANAGED.map(({ name, counting = [] }, index): Rule => ({
    name,
    priority: index + 1,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: "AWS",
        name,
        ruleActionOverrides: counting.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visible(name),
  })),
];

export function visible(metricName: string): aws.types.input.wafv2.WebAclVisibilityConfig {
  return { cloudwatchMetricsEnabled: true, metricName, sampledRequestsEnabled: true };
}
