import { SeededRng } from "@punctual/core/memory";

/** Chance that can be had again, in the words of those who draw. */
export class Chance {
  readonly #rng: SeededRng;

  constructor(seed: number) {
    this.#rng = new SeededRng(seed);
  }

  /** Of so many in a hundred, whether this is one. */
  often(percent: number): boolean {
    return this.#rng.next() * 100 < percent;
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return Math.floor(least + this.#rng.next() * (most - least + 1));
  }

  one<T>(some: readonly T[]): T {
    const found = some[this.whole(0, some.length - 1)];
    if (found === undefined) throw new Error("Nothing to draw from");
    return found;
  }

  some<T>(all: readonly T[], percent: number): readonly T[] {
    return all.filter(() => this.often(percent));
  }

  list<T>(length: number, make: () => T): readonly T[] {
    return Array.from({ length }, make);
  }

  bytes(length: number): Buffer {
    return Buffer.from(this.list(length, () => this.whole(0, 255)));
  }
}
