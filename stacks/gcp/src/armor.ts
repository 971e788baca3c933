import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { GCP_DEFAULTS } from "./defaults.js";
import type { Plan } from "./parts.js";

type Rule = gcp.types.input.compute.SecurityPolicyRule;

/** What looks like an attack on a database or a page. The first level of sensitivity: bodies here are JSON of any content. */
const ATTACKS = ["sqli-v33-stable", "xss-v33-stable", "protocolattack-v33-stable", "scannerdetection-v33-stable"];
const FIRST = 1_000;
const THROTTLE = 2_000;
/** Cloud Armor wants it in every policy. */
const LAST = 2_147_483_647;
/** One address may make as many requests in it as all may at once. */
const BURST_SECONDS = 10;

const everybody = { versionedExpr: "SRC_IPS_V1", config: { srcIpRanges: ["*"] } };

/** What stands before everything that the load balancer lets in. */
export class GcpArmor extends ComponentResource {
  readonly policy: gcp.compute.SecurityPolicy;

  constructor(name: string, { blueprint }: Plan, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Armor", name, {}, opts);
    const { defaults, settings } = blueprint;
    const { adaptiveProtection } = GCP_DEFAULTS[settings.environment];
    this.policy = new gcp.compute.SecurityPolicy(
      `${name}-policy`,
      {
        type: "CLOUD_ARMOR",
        rules: [...ATTACKS.map(refusing), throttling(defaults.throttle.burst), lettingIn],
        advancedOptionsConfig: { jsonParsing: "STANDARD", logLevel: "NORMAL" },
        adaptiveProtectionConfig: { layer7DdosDefenseConfig: { enable: adaptiveProtection } },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

function refusing(rules: string, index: number): Rule {
  return {
    priority: FIRST + index,
    action: "deny(403)",
    description: rules,
    match: { expr: { expression: `evaluatePreconfiguredWaf('${rules}', {'sensitivity': 1})` } },
  };
}

function throttling(count: number): Rule {
  return {
    priority: THROTTLE,
    action: "throttle",
    description: "requests of one address",
    match: everybody,
    rateLimitOptions: {
      conformAction: "allow",
      exceedAction: "deny(429)",
      enforceOnKey: "IP",
      rateLimitThreshold: { count, intervalSec: BURST_SECONDS },
    },
  };
}

const lettingIn: Rule = { priority: LAST, action: "allow", description: "everything else", match: everybody };
