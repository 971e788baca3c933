import type { Fact, Telemetry } from "@punctual/core";

export interface Noted {
  readonly lost: number;
  readonly postponed: number;
  readonly troubles: readonly string[];
}

/** Counts what ends, and keeps what should not have happened. */
export class CountingTelemetry implements Telemetry {
  noted = NOTHING;
  #left = 0;
  #resolve = () => {};

  note(fact: Fact): void {
    if (fact.kind === "finished") {
      if (--this.#left === 0) this.#resolve();
    } else if (fact.kind === "lost" || fact.kind === "postponed") {
      this.noted = { ...this.noted, [fact.kind]: this.noted[fact.kind] + 1 };
    } else if (fact.kind === "trouble") {
      this.noted = { ...this.noted, troubles: [...this.noted.troubles, `${fact.where}: ${String(fact.error)}`] };
    }
  }

  /** Until so many more events have ended, each with its ending committed. */
  async finished(count: number): Promise<void> {
    this.#left = count;
    this.noted = NOTHING;
    await new Promise<void>((resolve) => (this.#resolve = resolve));
  }
}

const NOTHING: Noted = { lost: 0, postponed: 0, troubles: [] };
