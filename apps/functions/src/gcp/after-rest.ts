import type { Clock } from "@punctual/core";

/** What was kept open for longer may have been closed by its other end, and nothing ran here to see it. */
const FROZEN_MS = 1_000;

/** Goes round each request: between requests Cloud Run takes the CPU away, so `thawed` is called before the first one after. */
export function afterRest(clock: Clock, thawed: () => void): <T>(work: () => Promise<T>) => Promise<T> {
  let underWay = 0;
  let rested = clock.now().getTime();
  return async (work) => {
    if (underWay === 0 && clock.now().getTime() - rested > FROZEN_MS) thawed();
    underWay++;
    try {
      return await work();
    } finally {
      underWay--;
      rested = clock.now().getTime();
    }
  };
}
