import type { Clock, Fact, Telemetry } from "@punctual/core";
import { type Dimensions, EmfLines } from "./emf-lines.js";
import { EMF_NAMESPACE, type EmfMetricName } from "./emf-metrics.js";

export interface EmfOptions {
  readonly service: string;
  /** Which function it is: they share a service. */
  readonly functionName: string;
  readonly clock: Pick<Clock, "now">;
}

/**
 * Counts and measures facts for CloudWatch, which reads them off the log of a function. A function stands still between its
 * invocations, so nothing is kept until later: whoever runs one calls `flush` at its end. Nothing is counted by event,
 * destination or tenant, because each value of a dimension is a metric that costs.
 */
export class EmfTelemetry implements Telemetry {
  readonly #base: Dimensions;
  readonly #clock: Pick<Clock, "now">;
  #lines: EmfLines;

  constructor({ service, functionName, clock }: EmfOptions) {
    this.#base = { Service: service, FunctionName: functionName };
    this.#clock = clock;
    this.#lines = new EmfLines(EMF_NAMESPACE, this.#base);
  }

  note(fact: Fact): void {
    try {
      this.#count(fact);
    } catch {
      // Whatever becomes of a fact, work goes on (L1).
    }
  }

  /** Gives all that was noted since the last time, line by line, and forgets it. */
  flush(write: (line: string) => void): void {
    const lines = this.#lines;
    this.#lines = new EmfLines(EMF_NAMESPACE, this.#base);
    for (const line of lines.at(this.#clock.now())) write(line);
  }

  #count(fact: Fact): void {
    const add = (name: EmfMetricName, value: number, dimensions?: Dimensions) =>
      this.#lines.add(name, value, dimensions);
    switch (fact.kind) {
      case "claimed":
        add("Claimed", fact.count);
        add("ClaimsSkipped", fact.skipped);
        return add("Planned", fact.planned);
      case "handed_over":
        add("HandedOver", fact.accepted, { Result: "accepted" });
        return add("HandedOver", fact.refused, { Result: "refused" });
      case "lost":
        return add("ClaimsLost", 1, { At: fact.at });
      case "attempted":
        add("Lateness", fact.latenessMs, { Attempt: fact.attempt === 1 ? "first" : "later" });
        return add("AttemptDuration", fact.durationMs, { Outcome: outcomeOf(fact) });
      case "finished":
        return add("EventsFinished", 1, { State: fact.state.toLowerCase(), Reason: fact.reason ?? "none" });
      case "postponed":
        return add("Postponed", 1, { Because: fact.because });
      case "destination_disabled":
        return add("DestinationsDisabled", 1, { Because: fact.because });
      case "breaker":
        return add("BreakerChanges", 1, { State: fact.state });
      case "dead_letter":
        return add("DeadLetters", 1);
      case "zone_data_changed":
        return add("ZoneMoves", fact.moved);
      case "heartbeat":
        add("Heartbeats", 1);
        add("DueEvents", fact.due);
        add("OpenEvents", fact.open);
        add("OldestDueAge", fact.oldestDueAgeMs);
        return add("OldestSnapshotAge", fact.oldestSnapshotMs);
      case "answered": {
        const [Method, Route] = [fact.method, fact.route ?? "none"];
        add("RequestDuration", fact.durationMs, { Method, Route, StatusClass: classOf(fact.status) });
        return add("RequestErrors", fact.status >= 500 ? 1 : 0, { Method, Route });
      }
      case "trouble":
        return add("Troubles", 1, { Where: fact.where });
    }
  }
}

/** `2xx`, or what went wrong: receivers may answer with any number. */
function outcomeOf({ status, error }: Extract<Fact, { kind: "attempted" }>): string {
  if (error !== null) return error;
  return status === null ? "unknown" : classOf(status);
}

function classOf(status: number): string {
  return `${Math.floor(status / 100)}xx`;
}
