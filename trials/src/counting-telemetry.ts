import type { Fact, Telemetry } from "@punctual/core";

const MOST_TROUBLES = 20;

/** Counts facts by what they tell. */
export class CountingTelemetry implements Telemetry {
  readonly noted: Record<string, number> = {};
  readonly troubles: string[] = [];

  note(fact: Fact): void {
    const name = nameOf(fact);
    this.noted[name] = (this.noted[name] ?? 0) + 1;
    if (fact.kind !== "trouble" || this.troubles.length >= MOST_TROUBLES) return;
    this.troubles.push(`${fact.where}: ${fact.error instanceof Error ? fact.error.message : String(fact.error)}`);
  }
}

/** Where facts of one kind tell of different things, which of them. */
function nameOf(fact: Fact): string {
  if (fact.kind === "postponed") return `postponed: ${fact.because}`;
  if (fact.kind === "breaker") return `breaker: ${fact.state}`;
  if (fact.kind === "lost") return `lost: ${fact.at}`;
  if (fact.kind === "attempted") return `attempted: ${fact.error ?? "answered"}`;
  return fact.kind;
}
