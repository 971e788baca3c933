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
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener(
        "abort",
        () => {
          this.#waiting = this.#waiting.filter((one) => one !== resolve);
          resolve();
        },
        { once: true },
      );
    });
  }
}
