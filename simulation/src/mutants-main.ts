import { crowd } from "./crowd.js";
import type { Job, JobAnswer } from "./hand.js";
import { MUTANTS } from "./mutants.js";

/** As many as CI runs of the real thing. */
const BUDGET = 20_000;

const lines: string[] = [];
let survivors = 0;
await crowd<Job, JobAnswer>(
  "./hand.js",
  MUTANTS.map(({ name }) => ({ mutant: name, from: 1, seeds: BUDGET })),
  ({ failed }, { mutant }) => {
    const [first] = failed;
    if (first === undefined) survivors++;
    const how = first === undefined ? "SURVIVED" : `seed ${first.seed}, ${first.violations[0]?.promise ?? ""}`;
    lines.push(`${how.padEnd(24)} ${mutant ?? ""}`);
  },
);
for (const line of lines.sort()) console.log(line);
console.log(`${MUTANTS.length} planted bugs, ${MUTANTS.length - survivors} caught within ${BUDGET} seeds`);
process.exit(survivors === 0 ? 0 : 1);
