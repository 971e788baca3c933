import type { Clock } from "../ports/clock.js";
import type { EventStore, PlanClaim } from "../ports/event-store.js";
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

const UNDONE_PAUSE_MS = 1_000;

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
    const { clock } = this.#deps;
    const end = clock.monotonic() + budgetMs;
    const report = { batches: 0, seen: 0, done: 0, drained: false };
    while (signal?.aborted !== true && end - clock.monotonic() > this.#options.leastLeftMs) {
      // An event may be taken early only if this tick lives to see it due.
      const left = end - clock.monotonic() - this.#options.leastLeftMs;
      const lookAheadMs = Math.max(0, Math.min(this.#options.lookAheadMs, left));
      const { seen, done, undone } = await this.#batch(lookAheadMs, signal);
      report.batches++;
      report.seen += seen;
      report.done += done;
      // What was refused, or could not be begun, must not be asked for again at once.
      if (undone > 0) await clock.sleep(UNDONE_PAUSE_MS, signal);
      if (seen === 0) {
        report.drained = true;
        break;
      }
      // Nobody takes what is due: claimed once more at once, it would only be refused once more.
      if (done === 0 && refused > 0) break;
    }
    await this.#heartbeat();
    return report;
  }

  async #batch(lookAheadMs: number, signal?: AbortSignal): Promise<Batch> {
    const { handOver } = this.#deps;
    const { shape, limit, leaseMs } = this.#options;
    if (shape === "single-stage") return this.#deliver(lookAheadMs, signal);
    const { seen, accepted, refused } = await handOver.run({ limit, leaseMs, lookAheadMs }, signal);
    return { seen, done: accepted, undone: refused };
  }

  async #deliver(lookAheadMs: number, signal?: AbortSignal): Promise<Batch> {
    const { events, plan, deliver, telemetry } = this.#deps;
    const { limit, leaseMs } = this.#options;
    const { claims, seen, planned } = await events.claimDue({ limit, leaseMs, lookAheadMs }, plan);
    if (seen > 0) telemetry.note({ kind: "claimed", count: claims.length, skipped: seen - claims.length, planned });
    const messages = claims.map(({ eventId, tenant, scheduleId, fence, dueAt }): Message => ({
      version: 1,
      eventId,
      tenant,
      scheduleId,
      fence,
      dueAt,
      notBefore: dueAt,
    }));
    if (messages.length === 0) return { seen, done: 0, undone: 0 };
    const verdicts = await Promise.all(deliver.handle(messages, signal));
    // What could not even be begun goes back at once; begun events end by themselves or with their lease.
    const undone = messages.filter((_, index) => verdicts[index]?.kind !== "ack");
    if (undone.length > 0) await events.release(undone);
    return { seen, done: messages.length - undone.length, undone: undone.length };
  }

  async #heartbeat(): Promise<void> {
    const { oldestDueAgeMs, due, open } = await this.#deps.events.backlog();
    this.#deps.telemetry.note({ kind: "heartbeat", oldestDueAgeMs, due, open });
  }
}

interface BatchReport {
  readonly seen: number;
  readonly done: number;
  readonly refused: number;
}
