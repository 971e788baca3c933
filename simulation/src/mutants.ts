import type { World } from "./world.js";

/** A bug planted on purpose, from outside: the code under test has no switch for it. */
export interface Mutant {
  readonly name: string;
  plant(world: World): void;
}

export const MUTANTS: readonly Mutant[] = [];
