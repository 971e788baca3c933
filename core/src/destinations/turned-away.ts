import { type Breaker, type BreakerOptions, pauseOf } from "./breaker.js";

interface Crowd {
  readonly probeAt: number;
  readonly count: number;
}

/** Of so many breakers is it remembered. */
const MOST = 10_000;
/** Multiples of it, without their whole parts, fall evenly between 0 and 1, however many there are. */
const GOLDEN = 0.6180339887498949;

/**
 * Spreads those whom open breakers turn away. The first comes back for the probe, all others evenly over as long a time behind
 * it as the pause was: a receiver that is up again does not get everything at once that has waited for it.
 */
export class TurnedAway {
  readonly #options: BreakerOptions;
  readonly #crowds = new Map<string, Crowd>();

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** When the next one should come; `inMs` is how long it is to the probe. */
  next(gate: string, breaker: Breaker, inMs: number): number {
    const { probeAt } = breaker;
    const known = this.#crowds.get(gate);
    const count = known?.probeAt === probeAt ? known.count : 0;
    this.#crowds.delete(gate);
    this.#crowds.set(gate, { probeAt, count: count + 1 });
    const oldest = this.#crowds.keys().next();
    if (this.#crowds.size > MOST && oldest.done !== true) this.#crowds.delete(oldest.value);
    return Math.ceil(inMs + ((count * GOLDEN) % 1) * pauseOf(breaker, this.#options));
  }
}
