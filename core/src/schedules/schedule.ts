import type { OccurrenceKey } from "../recurrence/occurrence.js";
import type { Timing } from "../recurrence/timing.js";

/** What becomes of occurrences missed while the system was down or the schedule paused; `within` bounds their age. */
export interface CatchUp {
  readonly policy: "latest" | "all" | "none";
  readonly within?: string;
}

/** How late an event may still be sent. Without one it is sent however late, and marked late. */
export interface LatenessLimit {
  readonly max: string;
  readonly then: "skip";
}

/** What happens to an event that is due while the one before it is still being delivered. */
export type IfRunning = "start" | "skip" | "wait";

export interface RetryPolicy {
  readonly maxAttempts: number;
  /** How long after its first attempt an event is still tried. */
  readonly within: string;
  /** The ceiling of the first pause; each further one is twice as high, up to `cap`. */
  readonly initial: string;
  readonly cap: string;
}

/**
 * A stretch of a schedule's life under one timing, so that what should have happened can be told later, independently of
 * the events: all occurrences from `first` to `last`, both inclusive; without `last`, up to now.
 */
export interface Segment {
  readonly timing: Timing;
  readonly first: OccurrenceKey | null;
  /** The place in the series of its first event: later ones belong to it too. */
  readonly ordinal: number;
  readonly last?: OccurrenceKey | null;
}

/** What to send, where and when, and under which policies. */
export interface Schedule {
  readonly id: string;
  readonly tenant: string;
  /** The caller's own name for it. */
  readonly key: string | null;
  readonly type: string;
  readonly timing: Timing;
  readonly destinationId: string;
  /** Who is told when an event of it has been delivered, and when one has failed for good: ids of destinations. */
  readonly onSuccess: string | null;
  readonly onFailure: string | null;
  /** The exact JSON text that was received. */
  readonly payload: string;
  readonly catchUp: CatchUp;
  readonly lateness: LatenessLimit | null;
  readonly ifRunning: IfRunning;
  readonly retry: RetryPolicy;
  readonly labels: Readonly<Record<string, string>>;
  /** Whose birthday it is; then the payload is a template that is filled with the user's data. */
  readonly userId: string | null;
  /** A schedule that has no event to come is `ended` for its reader; that is read from the events, not stored. */
  readonly status: "active" | "paused" | "deleted";
  /** Rises by one with each change. */
  readonly revision: number;
  readonly history: readonly Segment[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** As much of a schedule as making its events takes. */
export type SeriesOwner = Pick<Schedule, "id" | "tenant" | "type" | "destinationId" | "timing" | "status">;

/** As much of it as telling others takes. */
export type CallbackOwner = Pick<Schedule, "id" | "onSuccess" | "onFailure">;

export const SCHEDULE_DEFAULTS = {
  catchUp: { policy: "latest" },
  ifRunning: "start",
  retry: { maxAttempts: 12, within: "P1D", initial: "PT20S", cap: "PT6H" },
} as const satisfies { catchUp: CatchUp; ifRunning: IfRunning; retry: RetryPolicy };
