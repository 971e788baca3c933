import { fileURLToPath } from "node:url";
import type { Graph } from "@punctual/stack-testkit";
import { planStack, readVariants } from "@punctual/stack-testkit/plan";
import { readProject, stacksOf } from "@punctual/stack-testkit/planner";
import { lint } from "./lint.js";

/** `npm run values`: whether AWS knows the values of each stack that is on it, and of each variant. */
const root = fileURLToPath(new URL("../../../../../", import.meta.url));
const project = await readProject(root);
const stacks = (await stacksOf(project)).filter((name) => name.startsWith("aws-"));
const variants = [undefined, ...(await readVariants(`${root}/stacks/plans/variants.yaml`))];
let wrong = 0;
for (const [stack, variant] of stacks.flatMap((one) => variants.map((variant) => [one, variant] as const))) {
  const { name, full, failed, troubles } = await planStack(project, stack, variant);
  if (failed) throw new Error([`${name} cannot be planned:`, ...troubles].join("\n  "));
  const { graph } = full.plan;
  const linted = lint(graph, regionOf(graph));
  if ("skipped" in linted) {
    say(`skipped: ${linted.skipped}`);
    break;
  }
  const { checked, findings } = linted;
  wrong += findings.length;
  say(
    `${name}: ${String(checked)} of ${String(graph.resources.length)} resources, ${String(findings.length)} findings`,
  );
  for (const { resource, type, property, says, rule } of findings) {
    say(`  ${resource} (${type}) ${property}: ${says} [${rule}]`);
  }
}
process.exitCode = wrong > 0 ? 1 : 0;

/** Of the provider that makes most; others make what is elsewhere. */
function regionOf(graph: Graph): string {
  const region = graph.all("pulumi:providers:aws").find(({ name }) => /(?:^|-)aws$/.test(name))?.inputs["region"];
  return typeof region === "string" ? region : "eu-west-1";
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
