/** What is looked at while it is under way, and may end itself then. */
export interface Timed {
  /** `now` by the clock of the deadlines. */
  check(now: number): void;
}

/**
 * One timer for all that are under way, where each of its own costs more than an entry in a set. They end some milliseconds
 * late, and never early.
 */
export class Deadlines {
  readonly #now: () => number;
  readonly #open = new Set<Timed>();
  #ticking: NodeJS.Timeout | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(timed: Timed): void {
    this.#open.add(timed);
    this.#ticking ??= setInterval(() => this.#tick(), 10);
  }

  delete(timed: Timed): void {
    this.#open.delete(timed);
  }

  #tick(): void {
    if (this.#open.size === 0) {
      if (this.#ticking !== null) clearInterval(this.#ticking);
      this.#ticking = null;
    }
    const now = this.#now();
    for (const timed of this.#open) timed.check(now);
  }
}
