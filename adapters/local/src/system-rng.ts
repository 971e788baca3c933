import type { Rng } from "@punctual/core";

/**
 * The runtime's own generator, seeded from the system's entropy at start. It spreads retries and pauses, of which nobody
 * gains by guessing; a cryptographic one would cost many times as much for nothing. Ids and secrets do not come from here.
 */
export class SystemRng implements Rng {
  next(): number {
    return Math.random();
  }
}
