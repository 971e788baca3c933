import { Engine } from "../../src/planner/engine.js";
import { plan } from "../../src/planner/plan.js";

// A planner whose program hangs, and says at once what the program said.

const [folder = "."] = process.argv.slice(2);
const log = Engine.prototype.service;
Engine.prototype.service = function service() {
  setInterval(() => {
    for (const { message } of this.diagnostics.splice(0)) process.stdout.write(message);
  }, 20);
  return log.call(this);
};
await plan({
  ...{ project: "shop", stack: "dev", root: folder, folder, entry: "hanging.js" },
  config: { values: {}, secrets: [] },
  dryRun: false,
});
