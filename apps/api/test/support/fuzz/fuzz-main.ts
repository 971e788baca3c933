/*
 * Fuzzes the API: `node --expose-gc fuzz-main.js --requests 20000 [--seed N] [--stores memory|postgres]` prints what went
 * wrong, and as its last line the figures. A seed gives the same requests again.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { fuzz, MOST_GROWN_MB } from "./fuzz.js";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    stores: { type: "string", default: "memory" },
  },
});
const requests = Number(values.requests);
const seed = Number(values.seed);
const { stores } = values;
if (!(requests > 0) || !Number.isSafeInteger(seed) || (stores !== "memory" && stores !== "postgres")) {
  console.error("Usage: npm run fuzz -- [--requests N] [--seed N] [--stores memory|postgres]");
  process.exit(2);
}

const MOST_TOLD = 30;
const whole = (figure: number) => figure.toLocaleString("en-US");

console.log(`Seed ${seed}, stores: ${stores}`);
const began = performance.now();
const { operations, broken, slowestMs, grownMb, failures, granted } = await fuzz({ requests, seed, stores });
const seconds = (performance.now() - began) / 1_000;

const shares = [...granted].map(([id, one]) => `${id} ${Math.round((100 * one.granted) / one.asked)}%`);
console.log(`Granted of the good ones: ${shares.join(", ")}`);
for (const failure of failures.slice(0, MOST_TOLD)) console.log(failure);
const grown = grownMb ?? Number.NaN;
if (!(grown < MOST_GROWN_MB)) console.log(`Memory grew by ${grown.toFixed(1)} MB; the most is ${MOST_GROWN_MB}`);
console.log(`${failures.length} failures, ${seconds.toFixed(1)} s, seed ${seed}`);
console.log(
  `${whole(requests)} requests, ${operations} operations, ${broken} answers of 500 or more, ` +
    `slowest ${Math.round(slowestMs)} ms of CPU, memory grew ${grown.toFixed(1)} MB`,
);
process.exitCode = failures.length === 0 && grown < MOST_GROWN_MB ? 0 : 1;
