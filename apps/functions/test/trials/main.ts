import { parseArgs } from "node:util";
import { type PlatformName, PLATFORMS } from "../platforms/index.js";
import { type Outcome, publish } from "../support/outcome.js";

interface Options {
  readonly on?: PlatformName;
  readonly events?: number;
  readonly minutes?: number;
}

/** Functions as they are deployed, in an account that stands on this machine. */
const TRIALS: Readonly<Record<string, (options: Options) => Promise<Outcome>>> = {
  storm: async (options) => (await import("./storm.js")).storm(options),
  lateness: async (options) => (await import("./lateness.js")).lateness(options),
  lingering: async (options) => (await import("./lingering.js")).lingering(options),
  tasks: async (options) => (await import("./lingering.js")).lingering({ ...options, by: "tasks" }),
  boundaries: async () => (await import("./boundaries.js")).boundaries(),
  burst: async (options) => (await import("./burst.js")).burst(options),
  single: async (options) => (await import("./single.js")).single(options),
  carrier: async (options) => (await import("./carrier.js")).carrier(options),
  frozen: async (options) => (await import("./frozen.js")).frozen(options),
};

const number = { type: "string" } as const;
const { values, positionals } = parseArgs({
  options: { events: number, minutes: number, on: { type: "string" } },
  allowPositionals: true,
});
const { on: place, ...numbers } = values;
const trial = TRIALS[positionals[0] ?? ""];
const given = Object.entries(numbers).map(([name, value]) => [name, Number(value)] as const);
const on = PLATFORMS.find((one) => one === place);
const wrong = given.some(([, value]) => !(value > 0 && value < 1e6)) || (place !== undefined && on === undefined);
if (trial === undefined || wrong) {
  console.error(
    `Usage: npm run functions -- <name> [options], where <name> is one of: ${Object.keys(TRIALS).join(", ")}`,
  );
  console.error(`Options: --on ${PLATFORMS.join("|")}, --events N, --minutes N; docs/trials.md says what they do.`);
  process.exitCode = 2;
} else {
  const options: Options = { ...Object.fromEntries(given), ...(on !== undefined && { on }) };
  process.exitCode = publish(await trial(options)) ? 0 : 1;
}
