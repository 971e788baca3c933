import type { Fact, Telemetry } from "@punctual/core";

/** Tells each of them; what one makes of a fact keeps no other from it. */
export class AllOf implements Telemetry {
  readonly #telemetries: readonly Telemetry[];

  constructor(telemetries: readonly Telemetry[]) {
    this.#telemetries = telemetries;
  }

  note(fact: Fact): void {
    for (const telemetry of this.#telemetries) {
      try {
        telemetry.note(fact);
      } catch {
        // Whatever becomes of a fact, work goes on (L1).
      }
    }
  }
}
