import type { Move } from "./mover.js";

export const PHASES = [
  "infrastructure",
  "migration",
  "shifting",
  "proving",
  "released",
  "taking-back",
  "taken-back",
] as const;

export type Phase = (typeof PHASES)[number];

/** How far a release of a stack has come. */
export interface Entry {
  readonly release: string;
  readonly commit: string;
  readonly phase: Phase;
  /** Where the installation answers, once that is known. */
  readonly api?: string;
  /** Decided once, before the first begins. */
  readonly moves: readonly Move[];
  /** Why it is taken back. */
  readonly because?: string;
}

export interface Page {
  /** The newest comes last. */
  readonly entries: readonly Entry[];
  /** Of the page: who writes says which one it has read. */
  readonly revision: string | null;
}

/**
 * Keeps how far releases have come, for whoever goes on.
 *   J1. what was written is what is read, by whomever;
 *   J2. a stack that was never written has no entries, and the revision null;
 *   J3. `write` over another revision than the one that is there throws `Overtaken`, and changes nothing.
 */
export interface Journal {
  read(stack: string): Promise<Page>;
  /** Answers the new revision. */
  write(stack: string, page: Page): Promise<string>;
}

/** Somebody else has gone on with this release. */
export class Overtaken extends Error {
  override readonly name = "Overtaken";

  constructor(stack: string) {
    super(`Somebody else is releasing ${stack}: look at how that ends before you go on`);
  }
}

export function isOver({ phase }: Entry): boolean {
  return phase === "released" || phase === "taken-back";
}
