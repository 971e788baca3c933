import type { Clock } from "@punctual/core";

/** The machine's clock. */
export const realClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      // eslint-disable-next-line punctual/no-computed-delay -- no test sleeps for weeks
      const timer = setTimeout(done, Math.ceil(ms));
      signal?.addEventListener("abort", done, { once: true });
    }),
};
