import { type CaseFile, holdsOf, overlap } from "./case-file.js";
import { nameOf } from "./orders.js";

export interface Recovery {
  readonly storm: Waits;
  /** Of those who were killed one by one, while nothing else went wrong. */
  readonly alone: Waits;
}

/** In milliseconds, from the kill to the next claim. */
export interface Waits {
  readonly events: number;
  readonly p95: number;
  readonly max: number;
  /** From the end of the lease on, or from the kill where that came later. */
  readonly p95Beyond: number;
  readonly maxBeyond: number;
}

interface Wait {
  readonly ms: number;
  readonly beyondMs: number;
  readonly alone: boolean;
}

/** How long the events that a victim held when it was killed waited for someone else (R12), the server's downs left out. */
export function recoveryOf(file: CaseFile): Recovery {
  const { lives, downs } = file.evidence;
  const deaths = new Map(
    lives
      .filter(({ end }) => end.kind !== "SIGTERM" && end.kind !== "by itself")
      .map(({ number, endedAt, end }) => [nameOf(number), { at: endedAt, alone: end.kind === "kill alone" }]),
  );
  const waits: Wait[] = [];
  for (const { who, since, leaseEnd, next } of holdsOf(file)) {
    const death = deaths.get(who);
    if (death === undefined || since > death.at || next === null || next.at <= death.at) continue;
    if (downs.some((down) => overlap(down, { from: death.at, to: next.at }))) continue;
    const beyondMs = Math.max(0, next.at - Math.max(death.at, leaseEnd));
    waits.push({ ms: next.at - death.at, beyondMs, alone: death.alone });
  }
  return { storm: waitsOf(waits.filter(({ alone }) => !alone)), alone: waitsOf(waits.filter(({ alone }) => alone)) };
}

function waitsOf(waits: readonly Wait[]): Waits {
  const [ms, beyond] = [waits.map((wait) => wait.ms), waits.map((wait) => wait.beyondMs)];
  return {
    events: waits.length,
    ...{ p95: quantile(ms, 0.95), max: quantile(ms, 1) },
    ...{ p95Beyond: quantile(beyond, 0.95), maxBeyond: quantile(beyond, 1) },
  };
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, two) => one - two);
  return Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
}
