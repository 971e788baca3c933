import type { AttemptError } from "../events/event.js";
import type { Destination } from "../destinations/destination.js";

/**
 * What makes the request to a destination. Every sender promises:
 *   W1. whatever the receiver does, the answer is a `SendResult`; nothing is thrown for it;
 *   W2. the request ends within the destination's timeout, headers and body of the answer included;
 *   W3. exactly the given body is sent, under the given id;
 *   W4. one call makes one request: redirects are not followed, nothing is tried again;
 *   W5. an abort ends the request and gives `timeout`.
 */
export interface Sender {
  readonly kind: string;
  send(request: OutgoingRequest, signal?: AbortSignal): Promise<SendResult>;
}

export interface OutgoingRequest {
  /** The event's id: the same on each attempt. */
  readonly id: string;
  readonly tenant: string;
  readonly attempt: number;
  readonly dueAt: Date;
  readonly destination: Destination;
  readonly body: string;
  readonly traceparent?: string;
}

export interface SendResult {
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Null when no whole answer came. */
  readonly status: number | null;
  readonly error: AttemptError | null;
  /** The header as it came. */
  readonly retryAfter: string | null;
  readonly responseExcerpt: string | null;
}
