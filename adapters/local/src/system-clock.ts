import type { Clock } from "@punctual/core";

/** The longest delay that a timer can have: with a longer one Node fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export class SystemClock implements Clock {
  now(): Date {
    return new Date();
  }

  monotonic(): number {
    return performance.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const end = this.monotonic() + ms;
    // A timer counts whole milliseconds and may fire up to one early, so the clock has the last word (C3).
    for (let left = ms; left > 0 && signal?.aborted !== true; left = end - this.monotonic()) {
      await timer(Math.min(Math.ceil(left), LONGEST_TIMER_MS), signal);
    }
  }
}

function timer(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(running);
      signal?.removeEventListener("abort", done); // a signal may outlive many sleeps
      resolve();
    };
    const running = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
