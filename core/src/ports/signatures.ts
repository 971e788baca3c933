import type { Destination } from "../destinations/destination.js";

/**
 * Tells whether a message comes from who knows a destination's secret. Every adapter promises:
 *   G1. what is signed as Standard Webhooks says, with a secret of the destination that is active at `now`, is genuine;
 *   G2. anything else is not: another id, body or time, a secret that has expired, a time more than five minutes from `now`;
 *   G3. whatever the message looks like, the answer is yes or no.
 */
export interface Signatures {
  genuine(message: SignedMessage, destination: Destination, now: Date): Promise<boolean>;
}

/** The headers as they came; null where one is missing. */
export interface SignedMessage {
  readonly id: string | null;
  readonly timestamp: string | null;
  readonly signature: string | null;
  readonly body: string;
}
