import type { TerminalState } from "../events/event.js";

/** No count looks at more rows than this: what is counted up to it may be more. */
export const MOST_COUNTED = 10_000;
/** How far back the stats look at what has ended, and how many minutes ahead at what will be due. */
export const STATS_BACK_MS = 300_000;
export const STATS_MINUTES = 60;

/**
 * How one tenant stands. Every adapter promises:
 *   M1. open events are counted by what they wait for, and `atLeast` is true wherever there may be more;
 *   M2. what has ended is counted over the latest ends of the last five minutes, and `seconds` is how long those took, so
 *       that a rate is right however many there were;
 *   M3. lateness is that of the completed ones among them: the smallest that so many of a hundred do not exceed;
 *   M4. what is due within the hour is counted by the minute; minutes that were not looked at are not there;
 *   M5. it costs the same however much there is: nothing looks at more than `MOST_COUNTED` rows.
 */
export interface StatsReader {
  read(): Promise<Stats>;
}

export interface Stats {
  readonly at: Date;
  readonly open: {
    /** Waiting, those that are parked among them. */
    readonly pending: Count;
    readonly processing: Count;
    /** Waiting for the resume of a schedule. */
    readonly parked: Count;
    /** Wanting attention by now: for the first time, again, or since a claim was never heard of again. */
    readonly due: Count;
    readonly oldestDueAt: Date | null;
  };
  readonly finished: {
    readonly seconds: number;
    readonly byState: Readonly<Record<TerminalState, number>>;
  };
  readonly lateness: Lateness | null;
  readonly upcoming: {
    /** By the minute from now on; what is due already is not among them. */
    readonly perMinute: readonly number[];
    readonly atLeast: boolean;
  };
  readonly destinations: { readonly enabled: Count; readonly disabled: Count };
}

export interface Count {
  readonly count: number;
  readonly atLeast: boolean;
}

export interface Lateness {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}
