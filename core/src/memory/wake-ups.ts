import type { WakeUps } from "../ports/wake-ups.js";

export class MemoryWakeUps implements WakeUps {
  #waiting: (() => void)[] = [];

  /** Hints at something to do. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise: hinted, resolve: hint } = Promise.withResolvers<void>();
    const abort = () => {
      this.#waiting = this.#waiting.filter((one) => one !== hint);
      hint();
    };
    this.#waiting.push(hint);
    signal.addEventListener("abort", abort, { once: true });
    await hinted;
    signal.removeEventListener("abort", abort);
  }
}
