import type { EventState, Failpoint, Reason, Schedule } from "@punctual/core";
import type { Shape } from "./orders.js";

/**
 * All that is known of a run when it is over, as plain data, so that the checks can be asked about made-up runs too.
 * Instants are epoch milliseconds of the one machine that everything ran on.
 */
export interface Evidence {
  readonly schedules: readonly KnownSchedule[];
  /** Of the schedules whose creation was reported as done. */
  readonly acknowledged: readonly string[];
  /** When creations were tried that the database did not do. */
  readonly refused: readonly Span[];
  readonly rows: readonly EventRow[];
  readonly attempts: readonly AttemptRow[];
  /** In the order in which they became true, for each event. */
  readonly audit: readonly AuditRow[];
  readonly requests: readonly SeenRequest[];
  readonly lives: readonly Life[];
  /** When the server was down, and when which victim's connections were cut. */
  readonly downs: readonly Span[];
  readonly cuts: readonly { readonly at: number; readonly victim: number }[];
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export type KnownSchedule = Pick<
  Schedule,
  "id" | "timing" | "history" | "catchUp" | "ifRunning" | "lateness" | "retry"
>;

export interface EventRow {
  readonly id: string;
  readonly scheduleId: string;
  readonly where: "live" | "history";
  readonly ordinal: number;
  readonly state: EventState;
  readonly reason: Reason | null;
  readonly dueAt: number;
}

export interface AttemptRow {
  readonly eventId: string;
  readonly number: number;
  readonly status: number | null;
  readonly error: string | null;
}

/** One change of one event, as a trigger saw it. */
export interface AuditRow {
  readonly eventId: string;
  readonly what: "added" | "changed" | "removed" | "kept";
  /** Of its transaction. */
  readonly tx: string;
  /** The time of its transaction, by which the store decides, and its own. */
  readonly now: number;
  readonly at: number;
  /** Who is connected: the name of a victim. */
  readonly who: string;
  /** Null for what is added, or kept in the history. */
  readonly before: EventFacts | null;
  /** Null for what is removed. */
  readonly after: EventFacts | null;
}

export interface EventFacts {
  readonly state: EventState;
  readonly fence: number;
  readonly dueAt: number;
  readonly attemptsMade: number;
  /** Null in the history. */
  readonly wakeAt: number | null;
  readonly begunAt: number | null;
}

export interface SeenRequest {
  readonly eventId: string;
  readonly attempt: number;
  readonly victim: number;
  /** By the sender, just before; and when it had come. */
  readonly sentAt: number;
  readonly at: number;
  readonly bodyHash: string;
  /** As the body says. */
  readonly dueAt: number;
  /** What was answered, in whole; null where nothing was. */
  status: number | null;
}

/** By whom a victim was killed from outside: at any moment, or while nothing else went wrong. */
export type Blow = "kill" | "kill under a request" | "kill alone";

export type End =
  | { readonly kind: "failpoint"; readonly place: Failpoint }
  | { readonly kind: Blow }
  | { readonly kind: "SIGTERM" | "by itself"; readonly code: number | null; readonly signal: string | null };

/** One victim, from its start to its end. */
export interface Life {
  readonly number: number;
  readonly shape: Shape;
  readonly startedAt: number;
  readonly readyAt: number | null;
  readonly termAt: number | null;
  readonly endedAt: number;
  readonly end: End;
  readonly stops: readonly Span[];
  readonly lost: number;
  readonly lastWords: string;
}
