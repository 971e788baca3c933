import { type Options, parseOptions } from "./options.js";
import { type Outcome, publish } from "./outcome.js";

const TRIALS: Readonly<Record<string, (options: Options) => Promise<Outcome>>> = {
  outage: async (options) => (await import("./outage.js")).outage(options),
  rate: async (options) => (await import("./rate.js")).rate(options),
  slow: async (options) => (await import("./slow.js")).slow(options),
  rotation: async (options) => (await import("./rotation.js")).rotation(options),
  rolling: async (options) => (await import("./rolling.js")).rolling(options),
  restore: async (options) => (await import("./restore.js")).restore(options),
};

const [name = "", ...rest] = process.argv.slice(2);
const trial = Object.hasOwn(TRIALS, name) ? TRIALS[name] : undefined;
const options = parseOptions(rest);
if (trial === undefined || options === null) {
  console.error(`Usage: npm run trial -- <name> [options], where <name> is one of: ${Object.keys(TRIALS).join(", ")}`);
  console.error(
    "Options: --minutes N, --seconds N, --events N, --workers N, --perSecond N, --rounds N, --from REF, --two-stages;",
  );
  console.error("docs/trials.md says what they do.");
  process.exitCode = 2;
} else {
  process.exitCode = publish(await trial(options)) ? 0 : 1;
}
