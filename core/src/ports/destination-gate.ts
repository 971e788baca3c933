/**
 * Whether a destination may be asked just now, over all workers together. Every adapter promises:
 *   K1. no more requests are admitted within any second than its rate allows;
 *   K2. no more are admitted at one time than its concurrency allows, given that each is reported or its lease ends;
 *   K3. a breaker that is open admits nothing but, after its pause, single probes; it closes when one succeeds;
 *   K4. one destination's state affects no other.
 */
export interface DestinationGate {
  /**
   * Who finds no place is told when to ask again, and not all are told the same: what waits for a rate or for a place comes
   * back in a row, about as fast as it can be served, and what waits for a probe is spread behind it.
   */
  admit(requests: readonly GateRequest[]): Promise<readonly Admission[]>;
  /** How admitted requests went: the breaker and the count of those under way live from it. */
  report(results: readonly GateResult[]): Promise<readonly GateChange[]>;
}

export interface GateRequest {
  readonly destinationId: string;
  readonly eventId: string;
  readonly ratePerSecond: number | null;
  readonly concurrency: number | null;
  readonly leaseMs: number;
}

/** In the order of the requests. */
export type Admission =
  | { readonly kind: "go" }
  | { readonly kind: "later"; readonly inMs: number; readonly because: "rate" | "breaker" | "concurrency" };

export interface GateResult {
  readonly destinationId: string;
  readonly eventId: string;
  /** `none`: admitted, yet nothing was sent after all. */
  readonly outcome: "success" | "failure" | "none";
  /** How long it was under way. */
  readonly durationMs: number;
}

/** A breaker that moved, or a destination that has failed for so long that it should be disabled. */
export interface GateChange {
  readonly destinationId: string;
  readonly breaker: "closed" | "open" | "half_open";
  readonly failingTooLong: boolean;
}
