import { expect } from "chai";
import type { Rng } from "../ports/rng.js";

const MANY = 100_000;
const CELLS = 100;
/**
 * For 100 cells the sum of squared deviations has the mean 99 and the deviation 14. Fair numbers exceed 250 once in
 * 10^14 runs; numbers that favour a twentieth of the cells by a third exceed it always.
 */
const MOST_UNEVEN = 250;

export function describeRng(adapter: string, open: () => Rng): void {
  describe(`${adapter} as a Rng`, () => {
    it("gives numbers from 0 to just below 1 (G1)", () => {
      const rng = open();
      for (let round = 0; round < MANY; round++) {
        const number = rng.next();
        if (!(number >= 0 && number < 1)) expect.fail(`${number} is not in [0, 1)`);
      }
    });

    it("spreads them evenly (G2)", () => {
      const rng = open();
      expect(unevenness(() => Math.floor(rng.next() * CELLS))).to.be.below(MOST_UNEVEN);
    });

    it("spreads them evenly in the small, too (G2)", () => {
      const rng = open();
      expect(unevenness(() => Math.floor(rng.next() * CELLS * 10_000) % CELLS)).to.be.below(MOST_UNEVEN);
    });

    it("spreads pairs of them evenly: one says nothing about the next (G2)", () => {
      const rng = open();
      const digit = () => Math.floor(rng.next() * 10);
      expect(unevenness(() => 10 * digit() + digit())).to.be.below(MOST_UNEVEN);
    });
  });
}

/** Pearson's sum, over the cells that `next` names. */
function unevenness(next: () => number): number {
  const counts = new Array<number>(CELLS).fill(0);
  for (let round = 0; round < MANY; round++) {
    const cell = next();
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const fair = MANY / CELLS;
  return counts.reduce((sum, count) => sum + (count - fair) ** 2 / fair, 0);
}
