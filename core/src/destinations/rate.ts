/**
 * A rate as a row of places in time. Requests start one place apart, so no second ever sees more than the rate, whatever
 * the bursts and however many workers share the state. Who finds no place free is told when to ask again; those times form
 * a row too, so that a crowd comes back spread out instead of all at once.
 */
export interface RateState {
  /** The first instant, in epoch milliseconds, at which a request may start. */
  readonly nextFree: number;
  /** The first instant that nobody was told to come back at. */
  readonly tail: number;
}

export type RateAnswer =
  | { readonly go: true; readonly state: RateState }
  | { readonly go: false; readonly inMs: number; readonly state: RateState };

export function takePlace(state: RateState | null, ratePerSecond: number, now: number): RateAnswer {
  const step = 1_000 / ratePerSecond;
  const { nextFree, tail } = state ?? { nextFree: now, tail: now };
  if (nextFree <= now) return { go: true, state: { nextFree: now + step, tail: Math.max(tail, now + step) } };
  const at = Math.max(nextFree, tail);
  return { go: false, inMs: Math.max(1, Math.ceil(at - now)), state: { nextFree, tail: at + step } };
}
