import type { Clock } from "../ports/clock.js";
import type { EventStore } from "../ports/event-store.js";
import type { Rng } from "../ports/rng.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { WakeUps } from "../ports/wake-ups.js";
import type { HandOver, HandOverBatch } from "./hand-over-due.js";

export interface RunSchedulerDeps {
  readonly events: EventStore;
  readonly handOver: HandOver;
  readonly wakeUps: WakeUps;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly telemetry: Telemetry;
}

export interface RunSchedulerOptions extends HandOverBatch {
  /** The longest sleep: what no wake-up told of is found after it. */
  readonly pollMs: number;
  readonly heartbeatMs: number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** While few are due at a time, more of them are left to gather: each claim costs as much as several events. */
const GATHER_MS = 5;
/** What is due and yet was not seen is held by another scheduler's transaction just now. */
const LEAST_REST_MS = 10;

/** The long-running scheduler: sleeps until the next event wants attention, or something wakes it, until aborted. */
export class RunScheduler {
  readonly #deps: RunSchedulerDeps;
  readonly #options: RunSchedulerOptions;

  #turnedAt = -Infinity;

  constructor(deps: RunSchedulerDeps, options: RunSchedulerOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** When it last began to look for work, on the monotonic clock: a loop that lives turns again and again. */
  get turnedAt(): number {
    return this.#turnedAt;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, telemetry, rng } = this.#deps;
    let troubles = 0;
    let beat = -Infinity;
    while (!signal.aborted) {
      this.#turnedAt = clock.monotonic();
      try {
        if (clock.monotonic() - beat >= this.#options.heartbeatMs) {
          beat = clock.monotonic();
          await this.#heartbeat();
        }
        const { seen, accepted, refused } = await this.#deps.handOver.run(this.#options, signal);
        // A transport that refuses must not be asked again at once, nor the store for the same events.
        if (refused > 0 && accepted === 0) await clock.sleep(this.#options.pollMs, signal);
        else if (seen === 0) await this.#rest(signal);
        else if (seen < this.#options.limit / 10) await clock.sleep(GATHER_MS, signal);
        troubles = 0;
      } catch (error) {
        telemetry.note({ kind: "trouble", where: "scheduler", error });
        const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(troubles++, 10));
        await clock.sleep(Math.ceil(ceiling * (0.5 + rng.next() / 2)), signal);
      }
    }
    await this.#deps.handOver.settled();
  }

  /** What cannot be counted in time keeps nobody from claiming. */
  async #heartbeat(): Promise<void> {
    const { events, telemetry } = this.#deps;
    try {
      telemetry.note({ kind: "heartbeat", ...(await events.backlog()) });
    } catch (error) {
      telemetry.note({ kind: "trouble", where: "heartbeat", error });
    }
  }

  async #rest(signal: AbortSignal): Promise<void> {
    const { events, handOver, clock, wakeUps, telemetry } = this.#deps;
    const { pollMs, lookAheadMs } = this.#options;
    const awake = new AbortController();
    const either = AbortSignal.any([signal, awake.signal]);
    try {
      // Listening starts before looking, so that nothing added in between is slept over.
      const hinted = wakeUps.next(either);
      // Nothing depends on hints but speed: where they fail there is still the poll.
      hinted.catch((error: unknown) => telemetry.note({ kind: "trouble", where: "wake-ups", error }));
      const leftover = handOver.leftover();
      const wake = await events.nextWake();
      const ahead = wake?.ahead === true ? lookAheadMs : 0;
      const due = wake === null ? pollMs : wake.at.getTime() - wake.now.getTime() - ahead;
      const asleep = clock.sleep(Math.min(pollMs, due > 0 ? due : LEAST_REST_MS), either);
      await Promise.any([asleep, hinted, leftover]);
    } finally {
      awake.abort();
    }
  }
}
