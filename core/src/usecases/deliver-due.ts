import type { Clock } from "../ports/clock.js";
import type { EventStore, PlanClaim } from "../ports/event-store.js";
import type { Telemetry } from "../ports/telemetry.js";
import { ClaimTurns } from "./claim-turns.js";
import type { DeliverEvents } from "./deliver-events.js";
import type { HandOver, HandOverBatch, HandOverReport } from "./hand-over-due.js";

export interface DeliverDueDeps {
  readonly events: EventStore;
  readonly plan: PlanClaim;
  readonly deliver: DeliverEvents;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/**
 * Claims what is due and delivers it here: in one process there is nobody to hand it over to, and claim and begin are one
 * step. No more is claimed than there are places for. Made once for each process.
 */
export class DeliverDue implements HandOver {
  readonly #deps: DeliverDueDeps;
  readonly #running = new Set<Promise<void>>();
  readonly #turns = new ClaimTurns();

  constructor(deps: DeliverDueDeps) {
    this.#deps = deps;
  }

  /** It is taken when it is due. */
  readonly early = "nobody";

  get busy(): boolean {
    return this.#running.size > 0;
  }

  async run({ limit, leaseMs, withinMs }: HandOverBatch, signal?: AbortSignal): Promise<HandOverReport> {
    const { events, deliver, clock, telemetry } = this.#deps;
    await this.#room(withinMs, signal);
    if (signal?.aborted === true || deliver.free === 0) return NOTHING;
    const trusted = clock.monotonic() + leaseMs;
    const turn = this.#turns.next(Math.min(limit, deliver.free));
    deliver.reserve(turn.limit);
    const { begun, seen, planned } = await events
      .takeDue({ ...turn, leaseMs }, this.#plan())
      .finally(() => deliver.unreserve(turn.limit));
    this.#turns.found({ limit: turn.limit, seen, begun: begun.length });
    if (seen > 0) telemetry.note({ kind: "claimed", count: begun.length, skipped: seen - begun.length, planned });
    if (begun.length > 0) this.#track(deliver.deliver(begun, trusted, signal));
    return { seen, accepted: begun.length, refused: 0, held: 0 };
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async ended(): Promise<void> {
    await Promise.race(this.#running);
  }

  async leftover(): Promise<void> {
    return this.#deps.deliver.leftover();
  }

  async #room(withinMs: number | undefined, signal?: AbortSignal): Promise<void> {
    const { deliver, clock } = this.#deps;
    if (withinMs === undefined || deliver.free > 0) return deliver.room(signal);
    const over = new AbortController();
    const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
    await Promise.race([deliver.room(either), clock.sleep(withinMs, either)]);
    over.abort();
  }

  /** What would only be sent back is put off by the claim itself, which costs a fraction. */
  #plan(): PlanClaim {
    const { plan, deliver } = this.#deps;
    /** Those that this claim has taken, by their destinations. */
    const taken = new Map<string, number>();
    return (due, now) => {
      const planned = plan(due, now);
      // A callback goes elsewhere.
      if (planned.verdict.kind !== "take" || due.event.origin === "callback") return planned;
      const { destinationId } = due.schedule;
      const before = taken.get(destinationId) ?? 0;
      // A series that has to go on is not held up by its destination.
      const inMs = planned.successors.length === 0 ? deliver.fullFor(destinationId, before) : null;
      if (inMs !== null) return { verdict: { kind: "wait", until: new Date(now.getTime() + inMs) }, successors: [] };
      taken.set(destinationId, before + 1);
      return planned;
    };
  }

  #track(work: Promise<void>): void {
    const tracked: Promise<void> = work
      .catch((error: unknown) => this.#deps.telemetry.note({ kind: "trouble", where: "deliver", error }))
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }
}

const NOTHING: HandOverReport = { seen: 0, accepted: 0, refused: 0, held: 0 };
