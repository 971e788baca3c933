import { passOn as passOnClock, type Pass } from "@punctual/core/conformance";
import type { MemoryClock } from "@punctual/core/memory";

/** Lets everything run that waits for nothing but its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Moves the clock from sleeper to sleeper, and lets each do what it woke for before the next one wakes. */
export function passOn(clock: MemoryClock): Pass {
  return passOnClock(clock, turn);
}
