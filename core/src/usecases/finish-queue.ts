import { claimKey } from "../events/life-cycle.js";
import type { Clock } from "../ports/clock.js";
import type { Ending, EventStore } from "../ports/event-store.js";

export interface FinishQueueOptions {
  /** How long an ending waits for others to go with it. */
  readonly flushMs: number;
  readonly maxBatch: number;
}

interface Waiting {
  readonly ending: Ending;
  readonly resolve: (lost: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Puts the endings of many events into one statement: who ends one waits a few milliseconds at most. */
export class FinishQueue {
  readonly #events: EventStore;
  readonly #clock: Clock;
  readonly #options: FinishQueueOptions;
  #waiting: Waiting[] = [];
  #timer = false;

  constructor(events: EventStore, clock: Clock, options: FinishQueueOptions) {
    this.#events = events;
    this.#clock = clock;
    this.#options = options;
  }

  /** Whether the claim was lost, so that nothing was changed. */
  async finish(ending: Ending): Promise<boolean> {
    return new Promise<boolean>((resolve, reject) => {
      this.#waiting.push({ ending, resolve, reject });
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
    try {
      const { lost } = await this.#events.finish(batch.map(({ ending }) => ending));
      const gone = new Set(lost.map(claimKey));
      for (const { ending, resolve } of batch) resolve(gone.has(claimKey(ending.claim)));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
