import type { Fact, Telemetry } from "@punctual/core";
import type { Saying } from "./orders.js";

/** Tells the parent what the checker asks about: claims that were lost, and what went wrong. */
export class SpokenTelemetry implements Telemetry {
  readonly #say: (saying: Saying) => void;

  constructor(say: (saying: Saying) => void) {
    this.#say = say;
  }

  note(fact: Fact): void {
    if (fact.kind === "lost") this.#say({ say: "lost", at: fact.at });
    if (fact.kind !== "trouble") return;
    const error = fact.error instanceof Error ? fact.error.message : String(fact.error);
    this.#say({ say: "trouble", where: fact.where, error });
  }
}
