import type { Failpoint } from "@punctual/core";

export type Shape = "long-running" | "two-stage" | "single-stage";

export const SHAPES: readonly Shape[] = ["long-running", "two-stage", "single-stage"];

/** The places that a victim of each shape passes. A single stage has no transport, so nothing is published or acknowledged. */
const STORED: readonly Failpoint[] = [
  ...(["next.before_insert", "claim.before_commit", "claim.after_commit", "consume.after_receive"] as const),
  ...(["attempt.after_begin", "http.before_write", "http.after_response"] as const),
  ...(["finish.before_commit", "finish.after_commit", "ack.before"] as const),
];
const CARRIED: readonly Failpoint[] = [
  ...(["publish.before", "publish.after_send_before_ack", "publish.after_ack", "ack.after"] as const),
];
export const PLACES: Readonly<Record<Shape, readonly Failpoint[]>> = {
  "long-running": [...STORED, ...CARRIED],
  "two-stage": [...STORED, ...CARRIED],
  "single-stage": STORED,
};

/** What a victim is told when it is started, as JSON. */
export interface Orders {
  readonly number: number;
  readonly shape: Shape;
  readonly url: string;
  /** Where it kills itself, at the so-manyth time that it passes; null lives on. */
  readonly dies: { readonly place: Failpoint; readonly pass: number } | null;
  /** A bug planted on purpose. */
  readonly mutant: string | null;
}

/** What a victim says on its standard output, a line of JSON each. */
export type Saying =
  | { readonly say: "ready" }
  | { readonly say: "dying"; readonly place: Failpoint }
  | { readonly say: "lost"; readonly at: "begin" | "finish" | "extend" }
  | { readonly say: "trouble"; readonly where: string; readonly error: string }
  | { readonly say: "drained" };

/** How a victim is known to the database, and to the receiver. */
export const nameOf = (number: number) => `victim-${number}`;

/**
 * Short, so that a lease ends many times a minute; yet long enough that a process which merely waits for its turn on a
 * busy machine does not lose one.
 */
export const TIMES = {
  leaseMs: 1_500,
  pollMs: 250,
  lookAheadMs: 400,
  marginMs: 200,
  /** A destination with the second timeout makes its worker extend the lease before it sends. */
  timeoutsMs: [400, 900],
  /** A drain that takes longer is a hang. */
  graceMs: 6_000,
} as const;
