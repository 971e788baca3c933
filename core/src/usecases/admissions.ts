import type { Destination } from "../destinations/destination.js";
import type { Clock } from "../ports/clock.js";
import type { Admission, DestinationGate, GateResult } from "../ports/destination-gate.js";
import type { Begun } from "../ports/event-store.js";
import type { Telemetry } from "../ports/telemetry.js";
import { BatchQueue } from "./batch-queue.js";
import type { DisableDestination } from "./disable-destination.js";
import { type Entry, Lanes, type LanesOptions } from "./lanes.js";

export interface AdmissionsDeps {
  readonly gate: DestinationGate;
  readonly disableDestination: DisableDestination;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface AdmissionsOptions extends LanesOptions {
  readonly leaseMs: number;
  readonly flushMs: number;
  readonly finishBatch: number;
  readonly troubleMs: number;
}

/** An event that should be sent. */
export interface Sending {
  readonly begun: Begun;
  readonly destination: Destination;
}

/** Whether the destination may be asked, and whether there is a place for it here. */
export interface Asked {
  readonly admission: Admission | null;
  readonly entry: Promise<Entry> | null;
}

export type Postponed = Extract<Admission, { kind: "later" }>["because"] | "fairness";

type Reported = Omit<GateResult, "destinationId"> & { readonly destination: Destination };

/** Who may send to which destination when: of all workers together by the gate, and in this one by its lanes. */
export class Admissions {
  readonly lanes: Lanes;
  readonly #deps: AdmissionsDeps;
  readonly #options: AdmissionsOptions;
  readonly #reports: BatchQueue<Reported, void>;

  constructor(deps: AdmissionsDeps, options: AdmissionsOptions) {
    this.#deps = deps;
    this.#options = options;
    this.lanes = new Lanes(deps.clock, options);
    const batches = { flushMs: options.flushMs, maxBatch: options.finishBatch };
    this.#reports = new BatchQueue((some) => this.#reportAll(some), deps.clock, batches);
  }

  /** In the order of the events. */
  async ask(sending: readonly Sending[]): Promise<readonly Asked[]> {
    const { gate, telemetry } = this.#deps;
    const { leaseMs, troubleMs } = this.#options;
    const requests = sending.map(({ begun: { event }, destination }) => {
      const { id: destinationId, ratePerSecond, concurrency, timeoutMs } = destination;
      return { destinationId, eventId: event.id, ratePerSecond, concurrency, leaseMs: timeoutMs + leaseMs };
    });
    try {
      const admissions = await gate.admit(requests);
      return sending.map(({ destination }, index) => {
        const admission = admissions[index] ?? null;
        const enter = () => this.lanes.enter(destination.id, destination.ratePerSecond === null);
        return { admission, entry: admission?.kind === "go" ? enter() : null };
      });
    } catch (error) {
      telemetry.note({ kind: "trouble", where: "gate.admit", error });
      return sending.map(() => ({ admission: { kind: "later", inMs: troubleMs, because: "breaker" }, entry: null }));
    }
  }

  /** Tells how an admitted request went. */
  async report(
    { event }: Begun,
    destination: Destination,
    result: Pick<GateResult, "outcome" | "durationMs">,
  ): Promise<void> {
    return this.#reports.add({ destination, eventId: event.id, ...result });
  }

  async disable(destination: Destination, because: "gone" | "failing"): Promise<void> {
    const { disableDestination, telemetry } = this.#deps;
    const { tenant, id } = destination;
    try {
      await disableDestination.run({ tenant, id, because, actor: "system" });
      telemetry.note({ kind: "destination_disabled", destinationId: id, because });
    } catch (error) {
      // The event itself must still end; the next one will find the destination as bad as this one did.
      telemetry.note({ kind: "trouble", where: "disable destination", error });
    }
  }

  async #reportAll(some: readonly Reported[]): Promise<readonly void[]> {
    const { gate, telemetry } = this.#deps;
    const answered = some.map(() => undefined);
    try {
      const results = some.map(({ destination, ...result }) => ({ destinationId: destination.id, ...result }));
      const changes = await gate.report(results);
      for (const { destinationId, breaker, failingTooLong } of changes) {
        telemetry.note({ kind: "breaker", destinationId, state: breaker });
        const failing = some.find(({ destination }) => destination.id === destinationId)?.destination;
        if (failingTooLong && failing !== undefined) await this.disable(failing, "failing");
      }
    } catch (error) {
      // The event has ended; a place that was not given back is free again when its lease ends.
      telemetry.note({ kind: "trouble", where: "gate.report", error });
    }
    return answered;
  }
}
