import { expect } from "chai";
import { violationsIn } from "../src/check.js";
import { CLOUD_NAMES } from "../src/rule.js";
import { RULES } from "../src/rules.js";
import { MUTATIONS, mutantsOf } from "../src/testing/index.js";
import { awsPlan } from "./support/aws-plan.js";
import { gcpPlan } from "./support/gcp-plan.js";

const PLANS = { aws: awsPlan, gcp: gcpPlan };

for (const cloud of CLOUD_NAMES) {
  describe(`What somebody gets wrong, on ${cloud}`, () => {
    const plan = PLANS[cloud]();
    const stack = { cloud, environment: "production" };
    const mutants = mutantsOf(plan, cloud);

    for (const { rule, says, graph, urn } of mutants) {
      it(`is found by ${rule} alone: ${says}`, () => {
        const found = violationsIn(graph, stack).map((one) => `${one.rule} ${one.urn}`);

        expect([...new Set(found)]).to.deep.equal([`${rule} ${urn}`]);
      });
    }

    it("is shown for every rule, on a plan that has all of it", () => {
      const mine = RULES.filter(({ clouds }) => clouds.includes(cloud)).map(({ id }) => id);

      expect(mutants).to.have.length(MUTATIONS[cloud].length);
      expect([...new Set(mutants.map(({ rule }) => rule))]).to.have.members(mine);
    });
  });
}
