/**
 * A rate as a row of places in time, one step apart. A request that comes a little late takes the place that was free
 * before it, or else clocks of whole milliseconds and timers that run late would cost up to half the rate; the steps are
 * longer by as much, so that no second ever sees more than the rate, whatever the bursts and however many workers share
 * the state. Who finds no place free is told when to ask again; those times form a row too, so that a crowd comes back
 * spread out instead of all at once.
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

/** A second with both its ends. */
const SECOND_MS = 1_001;
/** How late a place can be taken. */
const LATE_MS = 20;

export function takePlace(state: RateState | null, ratePerSecond: number, now: number): RateAnswer {
  const step = (SECOND_MS + LATE_MS) / ratePerSecond;
  const { nextFree, tail } = state ?? { nextFree: now, tail: now };
  if (nextFree <= now) {
    const after = Math.max(nextFree, now - LATE_MS) + step;
    return { go: true, state: { nextFree: after, tail: Math.max(tail, after) } };
  }
  const at = Math.max(nextFree, tail);
  return { go: false, inMs: Math.max(1, Math.ceil(at - now)), state: { nextFree, tail: at + step } };
}
