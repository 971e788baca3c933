import type { Destination } from "../destinations/destination.js";
import type { Attempt, AttemptError } from "../events/event.js";

/**
 * What makes the request to a destination. Every sender promises:
 *   W1. whatever the receiver does, the answer is a `SendResult`; nothing is thrown for it;
 *   W2. the request ends within the destination's timeout, headers and body of the answer included;
 *   W3. exactly the given body is sent, under the given id;
 *   W4. one call makes one request: redirects are not followed, nothing is tried again;
 *   W5. an abort ends the request and gives `timeout`. Workers do not abort: a stop waits for what is under way;
 *   W6. what `objection` finds in a URL is found again when it is dialled, and then nothing is sent: the answer is
 *       `blocked_address` with the same code. A name that cannot be looked up is no objection: it may come to be;
 *   W7. it throws `unavailable` only where nothing was sent: what signs the request cannot be had just now.
 */
export interface Sender {
  readonly kind: string;
  send(request: OutgoingRequest, signal?: AbortSignal): Promise<SendResult>;
  /** Why this URL may not be called, as far as can be told before. */
  objection(url: string): Promise<UrlObjection | null>;
}

export interface OutgoingRequest {
  /** The event's id: the same on each attempt. */
  readonly id: string;
  readonly tenant: string;
  readonly attempt: number;
  readonly dueAt: Date;
  /** Now, by the store's clock: the receiver is told it, and it decides which secrets sign. */
  readonly at: Date;
  readonly destination: Destination;
  readonly body: string;
  readonly traceparent?: string;
}

export interface SendResult extends Pick<Attempt, "durationMs" | "timings" | "detail" | "responseExcerpt"> {
  /** Null when no whole answer came. */
  readonly status: number | null;
  readonly error: AttemptError | null;
  /** The header as it came. */
  readonly retryAfter: string | null;
}

export interface UrlObjection {
  /** Which rule it breaks. Public: clients match on it. */
  readonly code: UrlRule;
  readonly message: string;
}

export type UrlRule =
  | "not_a_url"
  | "credentials_in_url"
  | "host_not_ascii"
  | "port_not_allowed"
  | "address_loopback"
  | "address_private"
  | "address_link_local"
  | "address_metadata"
  | "address_multicast"
  | "address_reserved"
  /** The name stands for addresses outside and inside. */
  | "addresses_mixed";
