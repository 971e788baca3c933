import type { Clock } from "../ports/clock.js";

export interface BatchQueueOptions {
  /** How long one waits for others to go with it. */
  readonly flushMs: number;
  readonly maxBatch: number;
  /** Whether such an error of a batch may be the fault of one of its items: then each is tried by itself. */
  readonly oneByOne?: (error: unknown) => boolean;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Does for many at once what costs as much for one: who brings one waits a few milliseconds at most for others. */
export class BatchQueue<Item, Answer> {
  readonly #work: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #clock: Clock;
  readonly #options: BatchQueueOptions;
  #waiting: Waiting<Item, Answer>[] = [];
  #timer = false;

  /** `work` answers for each item, in their order. */
  constructor(work: (items: readonly Item[]) => Promise<readonly Answer[]>, clock: Clock, options: BatchQueueOptions) {
    this.#work = work;
    this.#clock = clock;
    this.#options = options;
  }

  async add(item: Item): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#waiting.length >= this.#options.maxBatch) void this.#flush();
      else if (!this.#timer) void this.#flushSoon();
    });
  }

  async #flushSoon(): Promise<void> {
    this.#timer = true;
    await this.#clock.sleep(this.#options.flushMs);
    this.#timer = false;
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    await this.#do(batch);
  }

  async #do(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#work(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      const apart = batch.length > 1 && this.#options.oneByOne?.(error) === true;
      if (apart) await Promise.all(batch.map(async (one) => this.#do([one])));
      else for (const { reject } of batch) reject(error);
    }
  }
}
