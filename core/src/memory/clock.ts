import type { Clock } from "../ports/clock.js";

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is moved: a year passes in as long as its events take. */
export class MemoryClock implements Clock {
  #now: number;
  #elapsed = 0;
  #sleepers: Sleeper[] = [];

  constructor(start: Date) {
    this.#now = start.getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return;
    const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
    const sleeper = { until: this.#elapsed + ms, wake };
    const abort = () => {
      this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
      wake();
    };
    this.#sleepers.push(sleeper);
    signal?.addEventListener("abort", abort, { once: true });
    await woken;
    signal?.removeEventListener("abort", abort); // a signal may outlive many sleeps
  }

  /** The time of the next sleeper to wake, if anyone sleeps; a date has no fractions, so it is the millisecond after. */
  get nextWake(): Date | null {
    const until = this.#sleepers.reduce((first, sleeper) => Math.min(first, sleeper.until), Infinity);
    const wake = new Date(Math.ceil(this.#now + until - this.#elapsed));
    return Number.isNaN(wake.getTime()) ? null : wake;
  }

  /** Moves on and wakes, in their order, those whose time has come; what they do is left to the caller to await. */
  advance(ms: number): void {
    this.#now += ms;
    this.#elapsed += ms;
    const due = this.#sleepers.filter((sleeper) => sleeper.until <= this.#elapsed);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.until > this.#elapsed);
    for (const sleeper of due.sort((one, other) => one.until - other.until)) sleeper.wake();
  }

  advanceTo(time: Date): void {
    this.advance(Math.max(0, time.getTime() - this.#now));
  }

  /** Sets the time of day, as an operator or a bad time server would: the monotonic time does not move. */
  step(ms: number): void {
    this.#now += ms;
  }
}
