import { violationsIn } from "@punctual/stack-policy";
import { mutantsOf } from "@punctual/stack-policy/testing";
import type { Graph } from "@punctual/stack-testkit";
import { expect } from "chai";
import { graphOf, type Stack, stacks, stacksOnContainers, titleOf } from "./support/stacks.js";

const found = [...(await stacks()), ...(await stacksOnContainers())];

describe("The policies", () => {
  for (const stack of found) {
    it(`find nothing in ${titleOf(stack)}`, async () => {
      expect(told(await graphOf(stack), stack)).to.be.empty;
    });
  }

  for (const stack of found.filter(({ environment }) => environment === "production")) {
    it(`find each mistake in ${titleOf(stack)} by its own rule, and by no other`, async () => {
      const graph = await graphOf(stack);
      const mutants = mutantsOf(graph, stack.cloud);

      for (const mutant of mutants) {
        const rules = new Set(violationsIn(mutant.graph, stack).map(({ rule }) => rule));
        expect([...rules], mutant.says).to.deep.equal([mutant.rule]);
      }
      console.log(`      ${String(mutants.length)} mistakes`);
    });
  }
});

function told(graph: Graph, stack: Stack): readonly string[] {
  return violationsIn(graph, stack).map(({ rule, urn, message }) => `${rule} ${urn} ${message}`);
}
