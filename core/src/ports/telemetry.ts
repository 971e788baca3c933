import type { Backlog } from "./event-store.js";
import type { AttemptError, Reason, TerminalState } from "../events/event.js";

/** Facts about what happened, for logs and metrics. They hold no payload, no header and no personal data. */
export type Fact =
  | { readonly kind: "claimed"; readonly count: number; readonly skipped: number; readonly planned: number }
  | { readonly kind: "handed_over"; readonly accepted: number; readonly refused: number }
  | { readonly kind: "lost"; readonly eventId: string; readonly at: "begin" | "finish" | "extend" }
  | {
      readonly kind: "attempted";
      readonly eventId: string;
      readonly destinationId: string;
      readonly attempt: number;
      readonly latenessMs: number;
      readonly durationMs: number;
      readonly status: number | null;
      readonly error: AttemptError | null;
      /** When the request went out, and the trace that it told its receiver. */
      readonly sentAt: Date;
      readonly traceparent: string;
    }
  | {
      readonly kind: "finished";
      readonly eventId: string;
      readonly scheduleId: string;
      readonly state: TerminalState;
      readonly reason: Reason | null;
      readonly dueAt: Date;
    }
  | {
      readonly kind: "postponed";
      readonly eventId: string;
      readonly because: "rate" | "breaker" | "concurrency" | "fairness";
    }
  | { readonly kind: "destination_disabled"; readonly destinationId: string; readonly because: "gone" | "failing" }
  | { readonly kind: "breaker"; readonly destinationId: string; readonly state: "closed" | "open" | "half_open" }
  | { readonly kind: "dead_letter"; readonly eventId: string | null; readonly reason: string }
  | { readonly kind: "zone_data_changed"; readonly from: string; readonly to: string; readonly moved: number }
  | ({ readonly kind: "heartbeat" } & Backlog)
  | {
      /** A request to the API. */
      readonly kind: "answered";
      readonly requestId: string;
      readonly method: string;
      /** The path as the API describes it, without anybody's ids; null where there is none. */
      readonly route: string | null;
      readonly status: number;
      readonly durationMs: number;
      /** Who asked; null where that was not asked, or not found out. */
      readonly tenant: string | null;
      readonly role: string | null;
      /** The trace that the request is part of, as its caller said. */
      readonly traceparent: string | null;
    }
  | { readonly kind: "trouble"; readonly where: string; readonly error: unknown; readonly requestId?: string };

/**
 * Where facts go. Every implementation promises:
 *   L1. `note` returns at once and never throws, whatever becomes of the fact;
 *   L2. facts of one process arrive in the order in which they were noted.
 */
export interface Telemetry {
  note(fact: Fact): void;
}

export const NO_TELEMETRY: Telemetry = { note: () => undefined };
