import type { Arrival } from "../orders.js";
import type { OrderKept } from "./orders-kept.js";

export interface SentAgain {
  /** Events of which more than one request came. */
  readonly events: number;
  /** Requests that came after it was on record that the receiver had taken the event: must be none. */
  readonly bad: readonly string[];
}

/** What came more than once, and whether anybody could have known that it need not. */
export function sentAgainOf(arrivals: readonly Arrival[], kept: readonly OrderKept[]): SentAgain {
  const takenAt = new Map(kept.map((one) => [one.eventId, one.takenAt]));
  const several = [...Map.groupBy(arrivals, ({ id }) => id)].filter(([, some]) => some.length > 1);
  const bad = several.filter(([id, some]) => {
    const taken = takenAt.get(id) ?? null;
    // The first is the one that was taken, or came before it; a clock of ours alone may show it behind its own record.
    const later = some.toSorted((one, other) => one.wallAt - other.wallAt).slice(1);
    return taken !== null && later.some(({ wallAt }) => wallAt > taken);
  });
  return { events: several.length, bad: bad.map(([id]) => id) };
}
