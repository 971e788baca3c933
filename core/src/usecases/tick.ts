import type { Clock } from "../ports/clock.js";
import type { EventStore } from "../ports/event-store.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { HandOver } from "./hand-over-due.js";

export interface TickDeps {
  readonly events: EventStore;
  /** `HandOverDue` for two stages, `DeliverDue` for a single one. */
  readonly handOver: HandOver;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface TickOptions {
  readonly limit: number;
  readonly leaseMs: number;
  /** How far ahead of their time events are taken: until the next tick, at least. */
  readonly lookAheadMs: number;
  /** No batch is begun with less time left than this. */
  readonly leastLeftMs: number;
  /** How early a worker may get an event that it has to hold. */
  readonly holdMs: number;
  /** Where given, the tick stays for so long in all, while it may, and looks so often for what has come up since. */
  readonly linger?: { readonly forMs: number; readonly everyMs: number };
}

export interface TickReport {
  readonly batches: number;
  readonly seen: number;
  /** Handed over, or begun in a single stage. */
  readonly done: number;
  /** Whether everything due was seen to; if not, the time was over, and the next tick goes on. */
  readonly drained: boolean;
}

/** How long a tick waits before it claims again what was refused. */
const REFUSED_PAUSE_MS = 1_000;

/** Something may want attention that somebody else has just locked. */
const LEAST_PAUSE_MS = 10;

/** One call of a trigger: drains what is due until nothing is, or its time is over. Running it twice is safe. */
export class Tick {
  readonly #deps: TickDeps;
  readonly #options: TickOptions;

  constructor(deps: TickDeps, options: TickOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  async run(budgetMs: number, signal?: AbortSignal): Promise<TickReport> {
    const { clock, handOver } = this.#deps;
    const { limit, leaseMs, leastLeftMs, linger } = this.#options;
    const began = clock.monotonic();
    const end = began + budgetMs - leastLeftMs;
    const stays = () => linger !== undefined && clock.monotonic() - began < linger.forMs;
    const report = { batches: 0, seen: 0, done: 0, drained: false };
    try {
      while (signal?.aborted !== true && clock.monotonic() < end) {
        const withinMs = end - clock.monotonic();
        const batch = { limit, leaseMs, lookAheadMs: this.#lookAhead(withinMs), withinMs };
        const { seen, accepted, refused, held } = await handOver.run(batch, signal);
        report.batches++;
        report.seen += seen;
        report.done += accepted + held;
        if (seen > 0 && refused === 0) continue;
        const wait = refused > 0 ? REFUSED_PAUSE_MS : await this.#nextWake(end - clock.monotonic());
        report.drained = wait === null && !handOver.busy;
        if (report.drained && !stays()) break;
        const longest = Math.min(linger?.everyMs ?? Infinity, end - clock.monotonic());
        await this.#pause(Math.min(wait ?? Infinity, longest), signal);
      }
    } finally {
      // Whatever stopped the loop, what it began must not be left to itself.
      await handOver.settled();
    }
    await this.#heartbeat();
    return report;
  }

  /** An event may be taken ahead by this tick alone only if it lives to see it due; a transport or worker lives on. */
  #lookAhead(left: number): number {
    const { lookAheadMs, holdMs } = this.#options;
    switch (this.#deps.handOver.early) {
      case "nobody":
        return 0;
      case "scheduler":
        return Math.min(lookAheadMs, left);
      case "worker":
        return Math.min(lookAheadMs, holdMs);
      case "transport":
        return lookAheadMs;
    }
  }

  /** How long until there is something to do again that this tick should see to; null if there is not. */
  async #nextWake(left: number): Promise<number | null> {
    const { events } = this.#deps;
    const wake = await events.nextWake();
    if (wake === null) return null;
    const inMs = wake.at.getTime() - wake.now.getTime();
    if (inMs > Math.min(this.#options.lookAheadMs, left)) return null;
    return Math.max(LEAST_PAUSE_MS, wake.ahead ? inMs - this.#lookAhead(left) : inMs);
  }

  /** Until so much time has passed, or a delivery has ended. */
  async #pause(ms: number, signal?: AbortSignal): Promise<void> {
    const { clock, handOver } = this.#deps;
    const awake = new AbortController();
    const either = signal === undefined ? awake.signal : AbortSignal.any([signal, awake.signal]);
    await Promise.race([clock.sleep(ms, either), ...(handOver.busy ? [handOver.ended()] : [])]);
    awake.abort();
  }

  async #heartbeat(): Promise<void> {
    this.#deps.telemetry.note({ kind: "heartbeat", ...(await this.#deps.events.backlog()) });
  }
}
