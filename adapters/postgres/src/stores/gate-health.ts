import type { Breaker } from "@punctual/core";

interface Known {
  readonly limited: boolean;
  readonly ailing: boolean;
  /** When it was last asked for, by the database's clock. */
  readonly at: number;
  readonly successes: number;
  /** When the window began in which they were counted. */
  readonly since: number;
}

const MOST = 10_000;

/**
 * What one process knows of the gates that it asked lately. The successes of a destination that ails nothing are counted
 * here, and written along with its next failure only. What is not known, or no more, the database is told.
 */
export class GateHealth {
  readonly #windowMs: number;
  /** Those that were asked last stand last. */
  readonly #known = new Map<string, Known>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  note(gate: string, breaker: Breaker | null, limited: boolean, at: number): void {
    const { successes = 0, since = at } = this.#known.get(gate) ?? {};
    this.#known.delete(gate);
    this.#known.set(gate, { limited, ailing: isAiling(breaker), at, successes, since });
    const oldest = this.#known.keys().next();
    if (this.#known.size > MOST && oldest.done !== true) this.#known.delete(oldest.value);
  }

  /** After a failure, or the first success behind it. */
  told(gate: string, breaker: Breaker | null): void {
    const known = this.#known.get(gate);
    if (known !== undefined) this.#known.set(gate, { ...known, ailing: isAiling(breaker) });
  }

  /** Whether there may be a lease to end. */
  isLimited(gate: string): boolean {
    return this.#known.get(gate)?.limited ?? true;
  }

  /** Counts a success; false if it changes more than a count, or nothing is known. */
  count(gate: string): boolean {
    const known = this.#known.get(gate);
    if (known === undefined || known.ailing) return false;
    const { at, successes, since } = known;
    const fresh = at - since >= this.#windowMs;
    this.#known.set(gate, { ...known, successes: fresh ? 1 : successes + 1, since: fresh ? at : since });
    return true;
  }

  /** How many successes are to be written, which are then counted no more. */
  take(gate: string): number {
    const known = this.#known.get(gate);
    if (known === undefined) return 0;
    this.#known.set(gate, { ...known, successes: 0, since: known.at });
    return known.at - known.since >= this.#windowMs ? 0 : known.successes;
  }
}

/** Whether a success would change more than a count. */
function isAiling(breaker: Breaker | null): boolean {
  return breaker !== null && (breaker.state !== "closed" || breaker.failingSince !== null);
}
