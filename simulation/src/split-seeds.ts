import type { Job } from "./hand.js";

const PART = 100;

/** Seeds 1 to `seeds`, in parts that keep every process busy to the end. */
export function splitSeeds(seeds: number): readonly Job[] {
  return Array.from({ length: Math.ceil(seeds / PART) }, (_, part) => ({
    from: part * PART + 1,
    seeds: Math.min(PART, seeds - part * PART),
  }));
}
