// eslint-disable-next-line punctual/no-computed-delay -- nothing here waits for weeks
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@punctual/core";

/** Time as it passes, for what waits a little between two tries. */
export const realClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};
