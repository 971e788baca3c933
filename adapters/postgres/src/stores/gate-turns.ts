interface Waiting<Item, Answer> {
  readonly items: readonly Item[];
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets one process have one transaction at a time at the gates; whoever asks meanwhile goes with the next. Else all of its
 * connections would queue for the row of one busy destination, and nobody else could have one.
 */
export class GateTurns<Item, Answer> {
  readonly #work: (items: readonly Item[]) => Promise<readonly Answer[]>;
  #waiting: Waiting<Item, Answer>[] = [];
  #busy = false;

  /** `work` answers for each item, in their order. */
  constructor(work: (items: readonly Item[]) => Promise<readonly Answer[]>) {
    this.#work = work;
  }

  async ask(items: readonly Item[]): Promise<readonly Answer[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
      if (!this.#busy) void this.#go();
    });
  }

  async #go(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const turn = this.#waiting;
      this.#waiting = [];
      try {
        const answers = await this.#work(turn.flatMap(({ items }) => items));
        let from = 0;
        for (const { items, resolve } of turn) resolve(answers.slice(from, (from += items.length)));
      } catch (error) {
        for (const { reject } of turn) reject(error);
      }
    }
    this.#busy = false;
  }
}
