import { traceOnTheWay } from "../events/trace.js";
import type { Clock } from "../ports/clock.js";
import type { Claim, EventStore, PlanClaim } from "../ports/event-store.js";
import type { Failpoints } from "../ports/failpoints.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { Message, SendReport, Transport } from "../ports/transport.js";

export interface HandOverDueDeps {
  readonly events: EventStore;
  readonly transport: Transport;
  readonly plan: PlanClaim;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly failpoints: Failpoints;
}

export interface HandOverBatch {
  readonly limit: number;
  readonly leaseMs: number;
  readonly lookAheadMs: number;
  /** How long to wait for room at most, where there must be some; for ever, if left out. */
  readonly withinMs?: number;
}

export interface HandOverReport {
  /** Events that wanted attention; while it is not 0 there may be more. */
  readonly seen: number;
  readonly accepted: number;
  readonly refused: number;
  /** Held here until their time, because the transport cannot. */
  readonly held: number;
}

/** What takes events from the store, for others to deliver or to deliver them itself. Made once for each process. */
export interface HandOver {
  /** Who holds what is taken ahead of its time. */
  readonly early: "transport" | "scheduler" | "worker" | "nobody";
  /** Takes one batch. */
  run(batch: HandOverBatch, signal?: AbortSignal): Promise<HandOverReport>;
  /** Whether anything is still being delivered here. */
  readonly busy: boolean;
  /** Until some of that has ended: it may have left something to do. */
  ended(): Promise<void>;
  /** Until something that was delivered here has left more to do: a retry, or a callback. */
  leftover(): Promise<void>;
  /** Until nothing is held or under way here any more. */
  settled(): Promise<void>;
}

/** So much of a lease is kept for the way to the worker: what cannot be handed over before is not handed over at all. */
const MARGIN = 0.5;

/** Hands events that have come due, or soon will, to the transport. */
export class HandOverDue implements HandOver {
  readonly #deps: HandOverDueDeps;
  readonly #holding = new Set<Promise<void>>();

  constructor(deps: HandOverDueDeps) {
    this.#deps = deps;
  }

  async run(batch: HandOverBatch, signal?: AbortSignal): Promise<HandOverReport> {
    const { events, transport, plan, clock, telemetry } = this.#deps;
    const before = clock.monotonic();
    const { claims, seen, planned, now } = await events.claimDue(batch, plan);
    if (seen > 0) telemetry.note({ kind: "claimed", count: claims.length, skipped: seen - claims.length, planned });
    if (claims.length === 0) return { seen, accepted: 0, refused: 0, held: 0 };

    const trusted = before + batch.leaseMs * MARGIN;
    const held = transport.capabilities.early === "scheduler" ? claims.filter((claim) => claim.dueAt > now) : [];
    const ready = held.length === 0 ? claims : claims.filter((claim) => claim.dueAt <= now);
    for (const { dueAt, claims: group } of byDueTime(held))
      this.#hold(group, before, dueAt - now.getTime(), batch, signal);
    const { accepted } = await this.#send(ready, trusted, signal);
    const refused = ready.length - accepted;
    if (ready.length > 0) telemetry.note({ kind: "handed_over", accepted, refused });
    return { seen, accepted, refused, held: held.length };
  }

  readonly busy = false;

  async ended(): Promise<void> {
    return new Promise(() => undefined);
  }

  async leftover(): Promise<void> {
    return new Promise(() => undefined);
  }

  get early(): "transport" | "scheduler" | "worker" {
    return this.#deps.transport.capabilities.early;
  }

  async settled(): Promise<void> {
    while (this.#holding.size > 0) await Promise.all(this.#holding);
  }

  /** Holds what the transport cannot, beside everything else that goes on. */
  #hold(claims: readonly Claim[], from: number, inMs: number, { leaseMs }: HandOverBatch, signal?: AbortSignal): void {
    const { clock, telemetry } = this.#deps;
    const holding: Promise<void> = (async () => {
      await clock.sleep(Math.max(0, from + inMs - clock.monotonic()), signal);
      const { accepted } = await this.#send(claims, from + inMs + leaseMs * MARGIN, signal);
      telemetry.note({ kind: "handed_over", accepted, refused: claims.length - accepted });
    })()
      .catch((error: unknown) => telemetry.note({ kind: "trouble", where: "hand-over", error }))
      .finally(() => this.#holding.delete(holding));
    this.#holding.add(holding);
  }

  async #send(claims: readonly Claim[], trusted: number, signal?: AbortSignal): Promise<{ accepted: number }> {
    const { transport, events, failpoints } = this.#deps;
    const { maxBatch, early } = transport.capabilities;
    const reports = await Promise.all(
      chunks(claims, maxBatch).map(async (chunk) => {
        await failpoints.at("publish.before");
        const report = await this.#sendChunk(
          chunk.map((claim) => toMessage(claim, early)),
          trusted,
          signal,
        );
        await failpoints.at("publish.after_ack");
        return report;
      }),
    );
    const refused = reports.flatMap((report) => report.refused.map(({ message }) => message));
    // A courtesy: what was refused would come back when its lease ends anyway, as after a crash before this line (I2).
    if (refused.length > 0) await events.release(refused);
    return { accepted: reports.reduce((sum, report) => sum + report.accepted.length, 0) };
  }

  async #sendChunk(messages: readonly Message[], trusted: number, signal?: AbortSignal): Promise<SendReport> {
    const { transport, clock, telemetry } = this.#deps;
    const refuse = (reason: string) => ({ accepted: [], refused: messages.map((message) => ({ message, reason })) });
    if (signal?.aborted === true) return refuse("stopping");
    if (clock.monotonic() > trusted) return refuse("lease nearly over");
    try {
      return await transport.send(messages, signal);
    } catch (error) {
      telemetry.note({ kind: "trouble", where: "transport.send", error });
      return refuse("transport away");
    }
  }
}

/** Where the worker holds what is early, its message must not be late. */
function toMessage(claim: Claim, early: "transport" | "scheduler" | "worker"): Message {
  const { eventId, tenant, scheduleId, fence, dueAt } = claim;
  const notBefore = early === "transport" ? dueAt : new Date(0);
  const traceparent = traceOnTheWay(eventId);
  return { version: 1, eventId, tenant, scheduleId, fence, dueAt, notBefore, traceparent };
}

export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

function byDueTime(claims: readonly Claim[]): readonly { readonly dueAt: number; readonly claims: readonly Claim[] }[] {
  const groups = Map.groupBy(claims, (claim) => claim.dueAt.getTime());
  return [...groups].map(([dueAt, group]) => ({ dueAt, claims: group })).sort((one, two) => one.dueAt - two.dueAt);
}
