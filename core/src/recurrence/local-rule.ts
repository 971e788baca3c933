import type { Wall } from "./wall.js";

/**
 * A rule as a series of local date-times on a wall clock that has no zone, hence no gaps and no repeated hours. Both
 * searches are bounded in steps: a rule whose next date-time is further away than the bound has none.
 */
export interface LocalRule {
  /** The first date-time of the series strictly after `wall`. */
  after(wall: Wall): Wall | null;
  /** The last one strictly before `wall`. */
  before(wall: Wall): Wall | null;
}

/** Why a rule was refused; whoever knows where it stood adds the pointer. */
export class InvalidRule extends Error {
  /** Public: clients match on it. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
