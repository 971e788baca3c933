import type {
  Policies,
  Policy,
  ReportViolation,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { violationsIn } from "../check.js";
import type { CloudName, Rule } from "../rule.js";
import { RULES } from "../rules.js";
import { graphOf } from "./graph-of.js";

type Shown = Parameters<typeof graphOf>[0];

/** The rules of a cloud as policies that Pulumi's engine asks; what rests on secrets is left out, as it tells none. */
export function policiesOf(cloud: CloudName, rules: readonly Rule[] = RULES): Policies {
  return rules
    .filter(({ clouds, sees }) => clouds.includes(cloud) && sees !== "secrets")
    .map((rule) => policyOf(cloud, rule));
}

function policyOf(cloud: CloudName, rule: Rule): ResourceValidationPolicy | StackValidationPolicy {
  const told: Policy = {
    name: rule.id,
    description: `${String(rule.number)}. ${rule.says}`,
    enforcementLevel: rule.severity,
  };
  const tell = (resources: Shown, report: ReportViolation) => {
    const [first] = resources;
    if (first === undefined) return;
    const stack = { cloud, environment: environmentOf(first.urn) };
    for (const { urn, message } of violationsIn(graphOf(resources), stack, [rule])) report(message, urn);
  };
  return rule.sees === "one"
    ? {
        ...told,
        validateResource: (shown, report) => {
          tell([shown], report);
        },
      }
    : {
        ...told,
        validateStack: ({ resources }, report) => {
          tell(resources, report);
        },
      };
}

/** By the name of the stack, which ends with it. */
function environmentOf(urn: string): string {
  const [, , stack = ""] = urn.split(":");
  return stack.split("-").at(-1) ?? stack;
}
