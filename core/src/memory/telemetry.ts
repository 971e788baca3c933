import type { Fact, Telemetry } from "../ports/telemetry.js";

/** Keeps the latest facts, for tests and for whoever runs everything in memory. */
export class MemoryTelemetry implements Telemetry {
  readonly #size: number;
  readonly #facts: Fact[] = [];

  constructor(size = 10_000) {
    this.#size = size;
  }

  note(fact: Fact): void {
    this.#facts.push(fact);
    if (this.#facts.length > 2 * this.#size) this.#facts.splice(0, this.#facts.length - this.#size);
  }

  get facts(): readonly Fact[] {
    return this.#facts.slice(-this.#size);
  }

  of<K extends Fact["kind"]>(kind: K): readonly Extract<Fact, { kind: K }>[] {
    return this.facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
  }
}
