import { type Options, parseOptions } from "./options.js";
import type { Verdict } from "./verdict.js";

/** Each is loaded when it is asked for: one that needs a database takes its drivers along. */
const BENCHES: Readonly<Record<string, (options: Options) => Promise<Verdict>>> = {
  recurrence: async () => (await import("./recurrence.js")).recurrence(),
  drain: async (options) => (await import("./drain.js")).drain(options),
  deliver: async (options) => (await import("./deliver.js")).deliver(options),
  lateness: async (options) => (await import("./lateness.js")).lateness(options),
  api: async (options) => (await import("./api.js")).api(options),
  insert: async (options) => (await import("./insert.js")).insert(options),
  "cold-start": async (options) => (await import("./cold-start.js")).coldStart(options),
  "claim-scale": async (options) => (await import("./claim-scale.js")).claimScale(options),
  bloat: async (options) => {
    return options.held ? (await import("./held.js")).held(options) : (await import("./bloat.js")).bloat(options);
  },
};

// rrule answers by the machine's own zone; in any other than UTC its answers would be others on each machine.
process.env.TZ = "UTC";

const [name = "", ...rest] = process.argv.slice(2);
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
const options = parseOptions(rest);
if (bench === undefined || options === null) {
  console.error(`Usage: npm run bench -- <name> [options], where <name> is one of: ${Object.keys(BENCHES).join(", ")}`);
  console.error(
    "Options: --rounds N, --events N, --pending N, --seconds N, --answer N, --tune, --held; docs/bench.md says what they do.",
  );
  process.exitCode = 2;
} else {
  const { met } = await bench(options);
  process.exitCode = met ? 0 : 1;
}
