import { reportOn } from "@punctual/stack-cost";
import { expect } from "chai";
import { graphOf, stacks, stacksInVariants, titleOf } from "./support/stacks.js";

const found = [...(await stacks()), ...(await stacksInVariants())];

describe("What a stack costs", () => {
  for (const stack of found) {
    const title = titleOf(stack);

    it(`is known of everything in ${title}, and is what it is meant to be`, async () => {
      const { estimate, band } = reportOn(title, await graphOf(stack));

      expect(estimate.total).to.be.within(band.least, band.most);
    });
  }
});
