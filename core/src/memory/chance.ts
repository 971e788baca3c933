import type { Ids } from "../ports/ids.js";
import type { Rng } from "../ports/rng.js";

/** Chance that can be had again: one seed gives one row of numbers (sfc32). */
export class SeededRng implements Rng {
  #a: number;
  #b = 0x9e3779b9;
  #c = 0x243f6a88;
  #d = 1;

  constructor(seed: number) {
    this.#a = seed >>> 0;
    for (let round = 0; round < 12; round++) this.next();
  }

  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  }
}

/** Ids that rise, so that a test or a simulation can be had again too. */
export class SequentialIds implements Ids {
  #last = 0;

  next(): string {
    this.#last += 1;
    const digits = this.#last.toString(16).padStart(12, "0");
    return `00000000-0000-7000-8000-${digits}`;
  }
}
