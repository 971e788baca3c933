import { SeededRng } from "@punctual/core/memory";

/** What a seed decides. Each part of a run has dice of its own, so that the draws of one do not shift those of another. */
export class Dice {
  readonly #rng: SeededRng;

  constructor(seed: number, ...parts: readonly (string | number)[]) {
    this.#rng = new SeededRng(parts.reduce<number>((sum, part) => hashed(sum, String(part)), seed));
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

  /** A choice by its weight. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const pairs = Object.entries(weights) as [T, number][];
    let left = this.#rng.next() * pairs.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [choice, weight] of pairs) if ((left -= weight) < 0) return choice;
    return (pairs.at(-1) as [T, number])[0];
  }
}

/** FNV-1a: near seeds and near names give dice that have nothing in common. */
function hashed(from: number, text: string): number {
  let hash = (0x811c9dc5 ^ from) >>> 0;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash;
}
