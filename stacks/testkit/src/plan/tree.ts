import type { Graph, Planned } from "../graph.js";
import { STACK_TYPE } from "../planner/urns.js";
import { byName, headOf } from "./golden.js";
import { type StackPlan, summaryOf } from "./stack-plan.js";

/** The resources of a stack, how many there are of each type, and how it went. */
export function treeText(stack: StackPlan): string {
  const { graph } = stack.full.plan;
  const counts = Object.entries(graph.types()).map(([type, count]) => `${String(count).padStart(5)}  ${type}`);
  const tree = graph.all(STACK_TYPE).flatMap((one) => branch(graph, one, ""));
  return [...tree, "", ...counts, "", ...stack.troubles, summaryOf(stack)].join("\n");
}

function branch(graph: Graph, one: Planned, indent: string): readonly string[] {
  return [
    `${indent}${headOf(graph, one)}`,
    ...byName(graph.childrenOf(one.urn)).flatMap((child) => branch(graph, child, `${indent}  `)),
  ];
}
