import { stacks, graphOf } from "../support/stacks.js";
import { replayOnAws } from "./aws.js";
import { replayOnGcp } from "./gcp.js";
import { isHeld } from "./poison.js";

// `npm run replay`: queues and subscriptions of the stacks, as they were recorded, in emulators, with the real worker.
const named = process.argv.slice(2);
const chosen = (await stacks()).filter(({ name }) => named.length === 0 || named.includes(name));
let held = 0;
for (const stack of chosen) {
  const graph = await graphOf(stack);
  const replay = await (stack.cloud === "aws" ? replayOnAws : replayOnGcp)(stack.name, graph);
  const { receives, taken, delivered, expected, buried } = replay;
  held += isHeld(replay) ? 1 : 0;
  console.log(
    `${isHeld(replay) ? "held  " : "BROKEN"}  ${stack.name}: ${String(delivered)} of ${String(expected)} delivered; the poison ` +
      `was a dead letter after ${String(taken)} of ${String(receives)} receives, and ${buried ? "was" : "was not"} seen to`,
  );
}
console.log(`${String(chosen.length)} stacks, ${String(chosen.length - held)} broken`);
process.exit(held === chosen.length && held > 0 ? 0 : 1);
