import type { Clock } from "@punctual/core";

interface Waiter<T> {
  readonly most: number;
  give(some: readonly T[]): void;
  fail(error: unknown): void;
}

export interface PullsDeps<T> {
  readonly clock: Clock;
  /** Asks the service, which answers none after as long as it lets one wait. */
  readonly pull: (most: number, signal: AbortSignal) => Promise<readonly T[]>;
  /** Lets others have what came for nobody. */
  readonly giveBack: (some: readonly T[]) => Promise<void>;
}

/** Who is done with some asks for more at once. */
const HELD_MS = 100;

/**
 * Requests for messages, which outlive who waits for their answer. One that is broken off while its answer is on the way takes
 * messages for nobody, who are hidden until the ack deadline ends; so whoever asks next gets what comes, and what comes for
 * nobody is given back.
 */
export class Pulls<T> {
  readonly #deps: PullsDeps<T>;
  readonly #waiters = new Set<Waiter<T>>();
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #held: readonly T[] = [];

  constructor(deps: PullsDeps<T>) {
    this.#deps = deps;
  }

  /** None, where none has come after so long. */
  async take(most: number, waitMs: number): Promise<readonly T[]> {
    if (this.#held.length > 0) return this.#fromHeld(most);
    const { promise, resolve: give, reject: fail } = Promise.withResolvers<readonly T[]>();
    const waiter: Waiter<T> = { most, give, fail };
    this.#waiters.add(waiter);
    this.#ask();
    const over = new AbortController();
    void this.#deps.clock.sleep(waitMs, over.signal).then(() => {
      if (this.#waiters.delete(waiter)) give([]);
    });
    try {
      return await promise;
    } finally {
      over.abort();
    }
  }

  /** Breaks off what is asked for. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#underWay);
  }

  /** As many requests are under way as there are who wait. */
  #ask(): void {
    const most = Math.max(...[...this.#waiters].map((waiter) => waiter.most));
    while (this.#underWay.size < this.#waiters.size && !this.#stop.signal.aborted) {
      const pulling = this.#pull(most).finally(() => {
        this.#underWay.delete(pulling);
        this.#ask();
      });
      this.#underWay.add(pulling);
    }
  }

  async #pull(most: number): Promise<void> {
    const { pull, clock, giveBack } = this.#deps;
    let some: readonly T[];
    try {
      some = await pull(most, this.#stop.signal);
    } catch (error) {
      const [first] = this.#waiters;
      if (first === undefined) return;
      this.#waiters.delete(first);
      return first.fail(error);
    }
    if (some.length === 0) return;
    this.#held = [...this.#held, ...some];
    for (const waiter of this.#waiters) {
      if (this.#held.length === 0) return;
      this.#waiters.delete(waiter);
      waiter.give(this.#fromHeld(waiter.most));
    }
    if (!some.some((one) => this.#held.includes(one))) return;
    await clock.sleep(HELD_MS, this.#stop.signal);
    const left = some.filter((one) => this.#held.includes(one));
    this.#held = this.#held.filter((one) => !left.includes(one));
    // Where that fails, they come when their time is over.
    if (left.length > 0) await giveBack(left).catch(() => undefined);
  }

  #fromHeld(most: number): readonly T[] {
    const some = this.#held.slice(0, most);
    this.#held = this.#held.slice(most);
    return some;
  }
}
