import { visiting } from "../installed/visiting.js";
import { READING, writing } from "./smoke.js";

const usage =
  "npm run smoke -- --url https://… [--token-env NAME] [--receiver https://…] [--secret-env NAME] [--within SECONDS] [--read-only]";

const smoke = {
  ...{ name: "smoke", usage, stopAtFirst: true },
  checks: ({ readOnly }: { readonly readOnly: boolean }) => (readOnly ? READING : [...READING, ...writing()]),
};
process.exitCode = await visiting(smoke, process.argv.slice(2), process.env);
