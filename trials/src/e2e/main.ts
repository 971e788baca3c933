import { visiting } from "../installed/visiting.js";
import { LIFE } from "./life.js";
import { ONCE } from "./once.js";
import { RULES } from "./rules.js";

const usage =
  "npm run e2e -- --url https://… [--token-env NAME] [--receiver https://…] [--secret-env NAME] [--within SECONDS]";

const e2e = { name: "e2e", usage, stopAtFirst: false, checks: () => [...RULES, ...ONCE, ...LIFE] };
process.exitCode = await visiting(e2e, process.argv.slice(2), process.env);
