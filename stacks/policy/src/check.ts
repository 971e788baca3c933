import { ENVIRONMENTS, type StackName } from "@punctual/stack-blueprint";
import type { Graph } from "@punctual/stack-testkit";
import type { Rule, Violation } from "./rule.js";
import { RULES } from "./rules.js";

/** A violation, and of which rule. */
export interface Finding extends Violation {
  readonly rule: string;
  readonly severity: Rule["severity"];
}

/** Everything in a stack that breaks a rule of its cloud. An environment that nobody knows is held to what production is. */
export function violationsIn(graph: Graph, stack: StackName, rules: readonly Rule[] = RULES): readonly Finding[] {
  const environment = ENVIRONMENTS.find((one) => one === stack.environment) ?? "production";
  const asked = { cloud: stack.cloud, environment };
  return rules
    .filter(({ clouds }) => clouds.some((cloud) => cloud === stack.cloud))
    .flatMap(({ id, severity, check }) => check(graph, asked).map((one) => ({ rule: id, severity, ...one })));
}
