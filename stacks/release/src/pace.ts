import type { Pace } from "./world.js";

/** The machine's own time. */
export const machinePace: Pace = {
  now: () => performance.now(),
  async wait(ms) {
    for (const until = performance.now() + ms; performance.now() < until;) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  },
};
