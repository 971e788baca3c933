import type { Fact, Telemetry } from "@punctual/core";
import type { Logger } from "pino";
import { errorFields } from "./error-fields.js";

type Level = "debug" | "info" | "warn" | "error";

/** Writes facts as lines of JSON, each field by its name: what a fact does not name cannot slip in. */
export class LogTelemetry implements Telemetry {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(fact: Fact): void {
    try {
      const level = levelOf(fact);
      if (!this.#logger.isLevelEnabled(level)) return;
      this.#logger[level](fieldsOf(fact), fact.kind);
    } catch {
      // A log that cannot be written must not stop what it tells of (L1).
    }
  }
}

/** What somebody should look at is a warning, what is broken an error; what happens with every event is for debugging. */
function levelOf(fact: Fact): Level {
  switch (fact.kind) {
    case "claimed":
    case "handed_over":
    case "postponed":
    case "attempted":
    case "heartbeat":
      return "debug";
    case "finished":
      return fact.state === "FAILED" ? "warn" : "debug";
    case "answered":
      return fact.status >= 500 ? "error" : "info";
    case "lost":
    case "zone_data_changed":
      return "info";
    case "breaker":
      return fact.state === "open" ? "warn" : "info";
    case "destination_disabled":
    case "dead_letter":
      return "warn";
    case "trouble":
      return "error";
  }
}

function fieldsOf(fact: Fact): Readonly<Record<string, unknown>> {
  if (fact.kind !== "trouble") {
    const { kind: _, ...fields } = fact;
    return fields;
  }
  const { where, requestId } = fact;
  return { where, ...(requestId !== undefined && { requestId }), ...errorFields(fact.error) };
}
