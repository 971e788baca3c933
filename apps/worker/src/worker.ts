import {
  type Clock,
  type RunBurial,
  type RunScheduler,
  type RunWorker,
  type Telemetry,
  Unavailable,
} from "@punctual/core";

export interface WorkerDeps {
  readonly scheduler: Pick<RunScheduler, "run" | "turnedAt">;
  /** Delivers what a transport brings; left out where the scheduler delivers by itself. */
  readonly consumer?: Pick<RunWorker, "run">;
  /** Looks after what the transport gave up on; left out where it keeps none of it. */
  readonly burial?: Pick<RunBurial, "run">;
  /** Looks after the store. */
  readonly maintain: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** A turn waits for nothing that has no limit of its own, and the longest of those are far below. */
const LONGEST_TURN_MS = 120_000;

/** Claims and delivers until it is told to stop; then nothing more is claimed, and what is under way ends. */
export class Worker {
  readonly #deps: WorkerDeps;
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #beganAt: number;
  #ended: string | null = null;

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    const { scheduler, consumer, burial, maintain, clock } = deps;
    this.#beganAt = clock.monotonic();
    this.#running = Promise.all([
      this.#loop("scheduler", async (signal) => scheduler.run(signal)),
      this.#loop("maintenance", maintain),
      ...(consumer === undefined ? [] : [this.#loop("consumer", async (signal) => consumer.run(signal))]),
      ...(burial === undefined ? [] : [this.#loop("burial", async (signal) => burial.run(signal))]),
    ]);
  }

  /** Throws where starting anew is the only help. The store is not asked: that it is away is no reason to start anew. */
  checkAlive(): void {
    if (this.#ended !== null) throw new Unavailable(`The ${this.#ended} has ended by itself`);
    const { scheduler, clock } = this.#deps;
    const forMs = clock.monotonic() - Math.max(scheduler.turnedAt, this.#beganAt);
    if (forMs > LONGEST_TURN_MS) throw new Unavailable(`The scheduler has not turned for ${Math.round(forMs)} ms`);
  }

  /** Whether all of it ended within the time; what did not is taken up by others when its leases end. */
  async drain(withinMs: number): Promise<boolean> {
    this.#stopping.abort();
    const over = new AbortController();
    const { clock } = this.#deps;
    const late = clock.sleep(withinMs, over.signal).then(() => false);
    const ended = await Promise.race([this.#running.then(() => true), late]);
    over.abort();
    return ended;
  }

  async #loop(name: string, run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await run(signal);
    } catch (error) {
      this.#deps.telemetry.note({ kind: "trouble", where: name, error });
    }
    if (!signal.aborted) this.#ended = name;
  }
}
