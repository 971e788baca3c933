import type { Arrival } from "./orders.js";
import type { AttemptRecord } from "./records.js";

/** Requests as their receivers saw them, against attempts as they are on record. */
export interface Tally {
  readonly requests: number;
  readonly attempts: number;
  /** Without a connection, and so without a request. */
  readonly unconnected: number;
  /** Of which nobody can say whether a request came of them: they broke off. */
  readonly brokenOff: number;
  /** Requests that are no attempt, or not the only one of it; and attempts that lack one. */
  readonly unmatched: number;
  /** Events whose requests had different bodies. */
  readonly changedBodies: number;
}

export function tallyOf(arrivals: readonly Arrival[], attempts: readonly AttemptRecord[]): Tally {
  const requests = Map.groupBy(arrivals, ({ id, attempt }) => `${id} ${attempt}`);
  let [unconnected, brokenOff, unmatched] = [0, 0, 0];
  for (const { eventId, number, status, error } of attempts) {
    const name = `${eventId} ${number}`;
    const seen = requests.get(name)?.length ?? 0;
    requests.delete(name); // a second record of it finds nothing
    if (error === "connect") unconnected++;
    else if (status === null) brokenOff++;
    const right = error === "connect" ? seen === 0 : status === null ? seen <= 1 : seen === 1;
    if (!right) unmatched++;
  }
  const byEvent = [...Map.groupBy(arrivals, ({ id }) => id).values()];
  const changed = byEvent.filter((some) => new Set(some.map(({ bodyHash }) => bodyHash)).size > 1);
  return {
    ...{ requests: arrivals.length, attempts: attempts.length, unconnected, brokenOff },
    unmatched: unmatched + requests.size,
    changedBodies: changed.length,
  };
}
