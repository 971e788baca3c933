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
  /** How many may yet come. */
  #expected = 0;
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

  /** No more may come than all who wait have room for: what came for nobody has been given out once in vain. */
  #ask(): void {
    const wanted = [...this.#waiters].reduce((sum, { most }) => sum + most, 0);
    const most = wanted - this.#expected;
    if (most <= 0 || this.#stop.signal.aborted) return;
    const pulling = this.#pull(most).finally(() => this.#underWay.delete(pulling));
    this.#underWay.add(pulling);
  }

  async #pull(most: number): Promise<void> {
    this.#expected += most;
    try {
      const some = await this.#deps.pull(most, this.#stop.signal);
      this.#expected -= most;
      this.#give(some);
      this.#ask();
      await this.#giveBackLater(some);
    } catch (error) {
      this.#expected -= most;
      const [first] = this.#waiters;
      if (first === undefined) return;
      this.#waiters.delete(first);
      first.fail(error);
      this.#ask();
    }
  }

  #give(some: readonly T[]): void {
    this.#held = [...this.#held, ...some];
    for (const waiter of this.#waiters) {
      if (this.#held.length === 0) return;
      this.#waiters.delete(waiter);
      waiter.give(this.#fromHeld(waiter.most));
    }
  }

  async #giveBackLater(some: readonly T[]): Promise<void> {
    const { clock, giveBack } = this.#deps;
    const left = () => some.filter((one) => this.#held.includes(one));
    if (left().length === 0) return;
    await clock.sleep(HELD_MS, this.#stop.signal);
    const given = left();
    this.#held = this.#held.filter((one) => !given.includes(one));
    // Where that fails, they come when their time is over.
    if (given.length > 0) await giveBack(given).catch(() => undefined);
  }

  #fromHeld(most: number): readonly T[] {
    const some = this.#held.slice(0, most);
    this.#held = this.#held.slice(most);
    return some;
  }
}
