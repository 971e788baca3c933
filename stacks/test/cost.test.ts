import { reportOn } from "@punctual/stack-cost";
import { expect } from "chai";
import { graphOf, stacks } from "./support/stacks.js";

const found = await stacks();

describe("What a stack costs", () => {
  for (const stack of found) {
    it(`is known of everything in ${stack.name}`, async () => {
      const { estimate } = reportOn(stack.name, await graphOf(stack));

      expect(estimate.total).to.be.greaterThan(0);
    });

    it(`is what ${stack.name} is meant to cost`, async () => {
      const { estimate, band } = reportOn(stack.name, await graphOf(stack));

      expect(estimate.total).to.be.within(band.least, band.most);
    });
  }
});
