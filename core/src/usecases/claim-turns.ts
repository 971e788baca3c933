export interface ClaimTurn {
  readonly limit: number;
  readonly latest: boolean;
}

/** What a claim that was given no more than `limit` has found. */
export interface ClaimFound {
  readonly limit: number;
  readonly seen: number;
  readonly begun: number;
}

/** Few, so that whoever has just become due waits little longer for those before him in the claim. */
const FEW = 50;

/**
 * At which end of all that is due a process claims next. While there is more than a claim takes in, those that have just
 * become due must not wait until the crowd before them is gone: every other claim begins with them, or three of four where
 * most of the crowd is only put off, for which there is no hurry.
 */
export class ClaimTurns {
  /** So many claims running were full. */
  #full = 0;
  #inVain = false;

  next(limit: number): ClaimTurn {
    const latest = this.#inVain ? this.#full % 4 !== 0 : this.#full % 2 === 1;
    return { limit: latest || this.#inVain ? Math.min(FEW, limit) : limit, latest };
  }

  found({ limit, seen, begun }: ClaimFound): void {
    this.#full = seen < limit ? 0 : this.#full + 1;
    this.#inVain = this.#full > 0 && begun < seen / 2;
  }
}
