import { recurrence } from "./recurrence.js";
import { compare, type Comparison } from "./report.js";

const BENCHES: Readonly<Record<string, () => Comparison>> = { recurrence };

// rrule answers by the machine's own zone; in any other than UTC its answers would be others on each machine.
process.env.TZ = "UTC";

const name = process.argv[2] ?? "";
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench === undefined) {
  console.error(`Usage: npm run bench -- <name>, where <name> is one of: ${Object.keys(BENCHES).join(", ")}`);
  process.exitCode = 2;
} else if (!compare(bench()).met) {
  process.exitCode = 1;
}
