/**
 * Chance. Every source promises:
 *   G1. a number is at least 0 and less than 1;
 *   G2. numbers are spread evenly.
 */
export interface Rng {
  next(): number;
}
