import type { ScheduledEvent } from "../events/event.js";
import {
  type Count,
  type Lateness,
  MOST_COUNTED,
  type Stats,
  STATS_BACK_MS,
  STATS_MINUTES,
  type StatsReader,
} from "../ports/stats.js";
import type { MemoryTables } from "./tables.js";

const MINUTE_MS = 60_000;

export class MemoryStatsReader implements StatsReader {
  readonly #tables: MemoryTables;
  readonly #tenant: string;
  readonly #now: Date;

  constructor(tables: MemoryTables, tenant: string, now: Date) {
    this.#tables = tables;
    this.#tenant = tenant;
    this.#now = now;
  }

  async read(): Promise<Stats> {
    const now = this.#now.getTime();
    const open = [...this.#tables.open].filter(({ tenant }) => tenant === this.#tenant);
    const due = open
      .filter((event) => +(event.wakeAt ?? Infinity) <= now)
      .sort((one, other) => +one.dueAt - +other.dueAt);
    const ended = this.#latest();
    const first = ended.at(-1)?.at ?? now;
    const destinations = [...this.#tables.destinations.values()].filter(({ tenant }) => tenant === this.#tenant);
    return {
      at: this.#now,
      open: {
        pending: countOf(open.filter(isPending)),
        processing: countOf(open.filter((event) => !isPending(event))),
        parked: countOf(open.filter((event) => isPending(event) && event.wakeAt === null)),
        due: countOf(due),
        oldestDueAt: due[0]?.dueAt ?? null,
      },
      finished: {
        seconds: ended.length < MOST_COUNTED ? STATS_BACK_MS / 1_000 : Math.max(1, now - first) / 1_000,
        byState: {
          COMPLETED: ended.filter(({ event }) => event.state === "COMPLETED").length,
          FAILED: ended.filter(({ event }) => event.state === "FAILED").length,
          CANCELLED: ended.filter(({ event }) => event.state === "CANCELLED").length,
          SKIPPED: ended.filter(({ event }) => event.state === "SKIPPED").length,
        },
      },
      lateness: latenessOf(
        ended.flatMap(({ event: { state, latenessMs } }) =>
          state === "COMPLETED" && latenessMs !== null ? latenessMs : [],
        ),
      ),
      upcoming: upcomingOf(open, now),
      destinations: {
        enabled: countOf(destinations.filter(({ enabled }) => enabled)),
        disabled: countOf(destinations.filter(({ enabled }) => !enabled)),
      },
    };
  }

  /** The latest ends, the last one first. */
  #latest(): readonly { readonly event: ScheduledEvent; readonly at: number }[] {
    const now = this.#now.getTime();
    return [...this.#tables.events.values()]
      .filter(({ tenant }) => tenant === this.#tenant)
      .flatMap((event) => (event.finishedAt === null ? [] : { event, at: event.finishedAt.getTime() }))
      .filter(({ at }) => at > now - STATS_BACK_MS && at <= now)
      .sort((one, other) => other.at - one.at)
      .slice(0, MOST_COUNTED);
  }
}

function isPending({ state }: ScheduledEvent): boolean {
  return state === "PENDING";
}

function countOf(rows: readonly unknown[]): Count {
  return { count: Math.min(rows.length, MOST_COUNTED), atLeast: rows.length >= MOST_COUNTED };
}

function upcomingOf(open: readonly ScheduledEvent[], now: number): Stats["upcoming"] {
  const ahead = open
    .filter((event) => isPending(event) && event.wakeAt !== null)
    .map(({ dueAt }) => dueAt.getTime() - now)
    .filter((ms) => ms > 0 && ms <= STATS_MINUTES * MINUTE_MS)
    .sort((one, other) => one - other);
  const counted = ahead.slice(0, MOST_COUNTED);
  const atLeast = counted.length === MOST_COUNTED;
  const perMinute: number[] = Array.from({ length: STATS_MINUTES }, () => 0);
  for (const ms of counted) {
    const minute = minuteOf(ms);
    perMinute[minute] = (perMinute[minute] ?? 0) + 1;
  }
  return { perMinute: atLeast ? perMinute.slice(0, minuteOf(counted.at(-1) ?? 0) + 1) : perMinute, atLeast };
}

/** What is due on the minute belongs to the one that it ends. */
function minuteOf(ms: number): number {
  return Math.ceil(ms / MINUTE_MS) - 1;
}

function latenessOf(values: readonly number[]): Lateness | null {
  const sorted = [...values].sort((one, other) => one - other);
  const most = sorted.at(-1);
  if (most === undefined) return null;
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? most;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: most };
}
