import type { Fact, Telemetry } from "@punctual/core";
import type { Instruments } from "./instruments.js";

/** Counts and measures facts. Nothing is counted by event, destination or tenant: there may be millions of them. */
export class MetricTelemetry implements Telemetry {
  readonly #of: Instruments;

  constructor(instruments: Instruments) {
    this.#of = instruments;
  }

  note(fact: Fact): void {
    const of = this.#of;
    switch (fact.kind) {
      case "claimed":
        of.claimed.add(fact.count);
        of.skipped.add(fact.skipped);
        return of.planned.add(fact.planned);
      case "handed_over":
        of.handedOver.add(fact.accepted, { result: "accepted" });
        return of.handedOver.add(fact.refused, { result: "refused" });
      case "lost":
        return of.lost.add(1, { at: fact.at });
      case "attempted":
        of.lateness.record(fact.latenessMs / 1_000, { attempt: fact.attempt === 1 ? "first" : "later" });
        return of.attempts.record(fact.durationMs / 1_000, { outcome: outcomeOf(fact) });
      case "finished":
        return of.finished.add(1, { state: fact.state.toLowerCase(), reason: fact.reason ?? "none" });
      case "postponed":
        return of.postponed.add(1, { because: fact.because });
      case "destination_disabled":
        return of.disabled.add(1, { because: fact.because });
      case "breaker":
        return of.breakers.add(1, { state: fact.state });
      case "dead_letter":
        return of.deadLetters.add(1);
      case "zone_data_changed":
        return of.moved.add(fact.moved);
      case "heartbeat":
        of.heartbeats.add(1);
        return of.beat(fact);
      case "answered":
        return of.requests.record(fact.durationMs / 1_000, {
          "http.request.method": fact.method,
          "http.route": fact.route ?? "none",
          "http.response.status_code": fact.status,
        });
      case "trouble":
        return of.troubles.add(1, { where: fact.where });
    }
  }
}

/** `2xx`, or what went wrong: receivers may answer with any number. */
function outcomeOf({ status, error }: Extract<Fact, { kind: "attempted" }>): string {
  if (error !== null) return error;
  return status === null ? "unknown" : `${Math.floor(status / 100)}xx`;
}
