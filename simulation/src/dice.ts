import { SeededRng } from "@punctual/core/memory";

/** Everything that a seed decides. */
export class Dice {
  readonly #rng: SeededRng;

  constructor(seed: number) {
    this.#rng = new SeededRng(seed);
  }

  next(): number {
    return this.#rng.next();
  }

  chance(share: number): boolean {
    return this.#rng.next() < share;
  }

  /** A whole number, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#rng.next() * (high - low + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#rng.next() * choices.length)] as T;
  }
}
