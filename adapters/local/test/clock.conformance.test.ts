import { setTimeout as wait } from "node:timers/promises";
import { describeClock } from "@punctual/core/conformance";
import { SystemClock } from "../src/index.js";

// A busy machine makes every wait longer, never shorter, so only the upper bounds need patience.
describeClock("SystemClock", {
  steps: false,
  open: () => ({ clock: new SystemClock(), pass: async (ms) => wait(Math.ceil(ms)), patienceMs: 2_000 }),
});
