import type { Arrival } from "../orders.js";
import type { OrderKept } from "./orders-kept.js";
import type { Accepted } from "./traffic.js";

/** What was seen of a database that was taken back to a moment. */
export interface Restored {
  /** The moment, in epoch milliseconds. */
  readonly target: number;
  /** From when on requests come of the restored one. */
  readonly restoredAt: number;
  /** What callers were told before. */
  readonly accepted: readonly Accepted[];
  /** On record in the one that was lost, in the restored one before anybody worked on it, and there in the end. */
  readonly lost: readonly OrderKept[];
  readonly atTarget: readonly OrderKept[];
  readonly kept: readonly OrderKept[];
  readonly arrivals: readonly Arrival[];
}

/** How many there are, and how many of them nothing explains. */
export interface Found {
  readonly all: number;
  readonly wrong: readonly string[];
}

export interface Explained {
  /** Schedules accepted before the moment; wrong are those that are not there. */
  readonly before: Found;
  /** Schedules asked for after it; wrong are those that are there. */
  readonly behind: Found;
  /** Schedules that were under way at the moment, and may be there or not. */
  readonly between: number;
  /** Events taken, by what was on record at the moment; wrong are those that were sent again. */
  readonly onRecord: Found;
  /** Events sent before and again; wrong are those whose body changed, or whose success was on record long before the moment. */
  readonly again: Found;
  /** Events that the receiver alone knows; wrong are those of schedules from before the moment. */
  readonly orphans: Found;
}

/** A success is noted at the begin of the transaction that keeps it. */
const LONG_BEFORE_MS = 1_000;

/** Tells what a restore has cost, by what callers, receivers and both databases know. */
export function explained(seen: Restored): Explained {
  const { target, restoredAt, accepted, arrivals } = seen;
  const there = new Set(seen.kept.map(({ key }) => key));
  const before = accepted.filter(({ answeredAt }) => answeredAt < target);
  const behind = accepted.filter(({ askedAt }) => askedAt > target);

  const sent = Map.groupBy(arrivals, ({ id }) => id);
  const earlier = new Set(arrivals.filter(({ wallAt }) => wallAt < restoredAt).map(({ id }) => id));
  const later = new Set(arrivals.filter(({ wallAt }) => wallAt >= restoredAt).map(({ id }) => id));
  const onRecord = idsOf(seen.atTarget.filter(({ takenAt }) => takenAt !== null));
  const longBefore = idsOf(seen.lost.filter(({ takenAt }) => takenAt !== null && takenAt < target - LONG_BEFORE_MS));
  const again = [...earlier].filter((id) => later.has(id));
  const changed = (id: string) => new Set(sent.get(id)?.map(({ bodyHash }) => bodyHash)).size > 1;

  const known = idsOf(seen.kept);
  const orphans = [...earlier].filter((id) => !known.has(id));
  const keys = new Map(seen.lost.map(({ eventId, key }) => [eventId, key]));
  const old = new Set(before.map(({ key }) => key));
  return {
    before: { all: before.length, wrong: keysOf(before).filter((key) => !there.has(key)) },
    behind: { all: behind.length, wrong: keysOf(behind).filter((key) => there.has(key)) },
    between: accepted.length - before.length - behind.length,
    onRecord: { all: onRecord.size, wrong: [...onRecord].filter((id) => later.has(id)) },
    again: { all: again.length, wrong: again.filter((id) => changed(id) || longBefore.has(id)) },
    orphans: { all: orphans.length, wrong: orphans.filter((id) => isOld(keys.get(id))) },
  };

  function isOld(key: string | undefined): boolean {
    return key === undefined || old.has(key);
  }
}

function idsOf(rows: readonly OrderKept[]): ReadonlySet<string> {
  return new Set(rows.flatMap(({ eventId }) => (eventId === null ? [] : [eventId])));
}

function keysOf(some: readonly Accepted[]): readonly string[] {
  return some.map(({ key }) => key);
}
