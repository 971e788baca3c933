/*
 * `node once-main.js --rounds 200 [--stores memory|postgres]`: a hundred requests at one time with one idempotency key make
 * one schedule, again and again. The last line has the figures.
 */
import { parseArgs } from "node:util";
import { once } from "./once.js";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "200" }, stores: { type: "string", default: "postgres" } },
});
const rounds = Number(values.rounds);
const { stores } = values;
if (!Number.isSafeInteger(rounds) || rounds < 1 || (stores !== "memory" && stores !== "postgres")) {
  console.error("Usage: npm run once -- [--rounds N] [--stores memory|postgres]");
  process.exit(2);
}

const { schedules, doubled, differing, answers } = await once({ rounds, stores });
console.log(`Answers: ${[...answers].map(([name, count]) => `${count} × ${name}`).join(", ")}`);
console.log(`${differing} rounds with answers that differ`);
console.log(`${rounds} rounds, ${schedules} schedules, ${doubled} doubled`);
process.exitCode = doubled === 0 && differing === 0 ? 0 : 1;
