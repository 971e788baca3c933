import { expect } from "chai";
import { MUTANTS } from "../src/mutants.js";
import { runSeed } from "../src/run-seed.js";

describe("the simulation", () => {
  it("finds nothing wrong in the first seeds", async () => {
    for (let seed = 1; seed <= 150; seed++) {
      const { violations } = await runSeed(seed);
      expect(violations, `seed ${seed}`).to.deep.equal([]);
    }
  });

  it("runs a seed the same way each time", async () => {
    for (const seed of [3, 44, 974]) {
      const [once, twice] = [await runSeed(seed), await runSeed(seed)];
      expect(twice).to.deep.equal(once);
    }
  });

  it("meets faults, and not the same ones in each seed", async () => {
    const [one, other] = [await runSeed(10), await runSeed(11)];
    expect(one.trace).to.not.equal(other.trace);
    expect(one.counts.crashes + one.counts.pauses + other.counts.crashes + other.counts.pauses).to.be.greaterThan(0);
  });

  /** The rest, with the seeds that they need, is what `npm run mutants` is for. */
  for (const name of ["a claim can begin twice", "what is skipped ends its series", "a lease never ends"]) {
    it(`finds a planted bug: ${name}`, async () => {
      const mutant = MUTANTS.find((one) => one.name === name);
      const found = [];
      for (let seed = 1; seed <= 60 && found.length === 0; seed++)
        found.push(...(await runSeed(seed, mutant)).violations);
      expect(found).to.not.deep.equal([]);
    });
  }

  it("has planted bugs of different names, 25 of them at least", () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size)
      .to.equal(MUTANTS.length)
      .and.be.at.least(25);
  });
});
