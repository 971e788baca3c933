import type { Clock } from "../ports/clock.js";
import type { Claim, EventStore, PlanClaim } from "../ports/event-store.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { Message } from "../ports/transport.js";
import type { DeliverEvents } from "./deliver-events.js";
import type { HandOverDue } from "./hand-over-due.js";

export interface TickDeps {
  readonly events: EventStore;
  readonly plan: PlanClaim;
  readonly handOver: HandOverDue;
  readonly deliver: DeliverEvents;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface TickOptions {
  readonly shape: "two-stage" | "single-stage";
  readonly limit: number;
  readonly leaseMs: number;
  /** How far ahead of their time events are taken: until the next tick, at least. */
  readonly lookAheadMs: number;
  /** No batch is begun with less time left than this. */
  readonly leastLeftMs: number;
}

export interface TickReport {
  readonly batches: number;
  readonly seen: number;
  /** Handed over, or delivered in a single stage. */
  readonly done: number;
  /** Whether everything due was seen to; if not, the time was over, and the next tick goes on. */
  readonly drained: boolean;
}

/** How long a tick waits before it claims again what was refused, or could not be begun. */
const UNDONE_PAUSE_MS = 1_000;

/** Something may want attention that somebody else has just locked. */
const LEAST_PAUSE_MS = 10;

/** Batches that a single stage delivers at one time. */
const MOST_RUNNING = 4;

/** What came of a batch; `undone` is what went back. */
interface Batch {
  readonly seen: number;
  readonly done: number;
  readonly undone: number;
}

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
    const end = clock.monotonic() + budgetMs - this.#options.leastLeftMs;
    const report = { batches: 0, seen: 0, done: 0, drained: false };
    const running = new Set<Promise<void>>();
    try {
      while (signal?.aborted !== true && clock.monotonic() < end) {
        const left = end - clock.monotonic();
        const { seen, done, undone } = await this.#batch(this.#lookAhead(left), report, running, signal);
        report.batches++;
        report.seen += seen;
        report.done += done;
        if (seen > 0 && undone === 0) continue;
        const wait = undone > 0 ? UNDONE_PAUSE_MS : await this.#nextWake(end - clock.monotonic());
        report.drained = wait === null && running.size === 0;
        if (report.drained) break;
        await this.#pause(Math.min(wait ?? Infinity, end - clock.monotonic()), running, signal);
      }
    } finally {
      // Whatever stopped the loop, what it began must not be left to itself.
      await Promise.all(running);
      await handOver.settled();
    }
    await this.#heartbeat();
    return report;
  }

  /** An event may be taken ahead by this tick alone only if it lives to see it due; a transport or worker lives on. */
  #lookAhead(left: number): number {
    const { deliver, handOver } = this.#deps;
    const { shape, lookAheadMs } = this.#options;
    if (shape === "single-stage") return Math.min(lookAheadMs, left, deliver.holdMs);
    if (handOver.early === "scheduler") return Math.min(lookAheadMs, left);
    return handOver.early === "worker" ? Math.min(lookAheadMs, deliver.holdMs) : lookAheadMs;
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

  /** Until so much time has passed, or a delivery has ended: it may have left something to do. */
  async #pause(ms: number, running: ReadonlySet<Promise<void>>, signal?: AbortSignal): Promise<void> {
    const awake = new AbortController();
    const either = signal === undefined ? awake.signal : AbortSignal.any([signal, awake.signal]);
    await Promise.race([this.#deps.clock.sleep(ms, either), ...running]);
    awake.abort();
  }

  async #batch(
    lookAheadMs: number,
    report: { done: number },
    running: Set<Promise<void>>,
    signal?: AbortSignal,
  ): Promise<Batch> {
    const { events, plan, handOver, telemetry } = this.#deps;
    const { shape, limit, leaseMs } = this.#options;
    if (shape === "two-stage") {
      const { seen, accepted, refused, held } = await handOver.run({ limit, leaseMs, lookAheadMs }, signal);
      return { seen, done: accepted + held, undone: refused };
    }
    const { claims, seen, planned } = await events.claimDue({ limit, leaseMs, lookAheadMs }, plan);
    if (seen > 0) telemetry.note({ kind: "claimed", count: claims.length, skipped: seen - claims.length, planned });
    if (claims.length > 0) {
      const delivery: Promise<void> = this.#deliver(claims, signal)
        .then((done) => void (report.done += done))
        .catch((error: unknown) => telemetry.note({ kind: "trouble", where: "tick", error }))
        .finally(() => running.delete(delivery));
      running.add(delivery);
    }
    // So many may be under way at once; the next batch is for when there is room.
    if (running.size >= MOST_RUNNING) await Promise.race(running);
    return { seen, done: 0, undone: 0 };
  }

  /** How many ended, one way or another. */
  async #deliver(claims: readonly Claim[], signal?: AbortSignal): Promise<number> {
    const { events, deliver } = this.#deps;
    const messages = claims.map(({ eventId, tenant, scheduleId, fence, dueAt }): Message => ({
      version: 1,
      eventId,
      tenant,
      scheduleId,
      fence,
      dueAt,
      notBefore: dueAt,
    }));
    const verdicts = await Promise.all(deliver.handle(messages, signal));
    // What could not even be begun goes back at once; begun events end by themselves or with their lease.
    const undone = messages.filter((_, index) => verdicts[index]?.kind !== "ack");
    if (undone.length > 0) await events.release(undone);
    return messages.length - undone.length;
  }

  async #heartbeat(): Promise<void> {
    this.#deps.telemetry.note({ kind: "heartbeat", ...(await this.#deps.events.backlog()) });
  }
}
