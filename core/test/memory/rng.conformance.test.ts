import { describeRng } from "../../src/conformance/rng.suite.js";
import { SeededRng } from "../../src/memory/chance.js";

for (const seed of [1, 2, 20300101]) describeRng(`SeededRng from ${seed}`, () => new SeededRng(seed));
