/**
 * A rate as a row of places in time, one step apart. Two things would let a receiver see more than the rate, and the steps
 * are longer by as much as they can do, so that no second ever does, whatever the bursts and however many workers share the
 * state. A request that comes a little late takes the place that was free before it, or else timers that run late would cost
 * up to half the rate. And a request is under way for a while after it was let go: one that a busy process holds up arrives
 * close to those behind it. Who finds no place free is told when to ask again; those times form a row too, so that a crowd
 * comes back spread out instead of all at once.
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
const LATE_MS = 100;
/** By how much longer one request may be on its way to the receiver than another. */
const WAY_MS = 75;
/** When nobody has taken a place for so long, nobody is waiting. */
const QUIET_MS = 1_000;
/** Longer nobody is sent away: limits may be changed, and the first in the row may be cancelled. */
const LONGEST_MS = 300_000;

export function takePlace(state: RateState | null, ratePerSecond: number, now: number): RateAnswer {
  const step = (SECOND_MS + LATE_MS + WAY_MS) / ratePerSecond;
  const { tail } = state ?? { tail: now };
  // Further ahead it is only for a rate that was lower, or a clock that went back.
  const nextFree = Math.min(state?.nextFree ?? now, now + step);
  if (nextFree <= now) {
    const after = Math.max(nextFree, now - LATE_MS) + step;
    const waited = now - nextFree < step + QUIET_MS;
    return { go: true, state: { nextFree: after, tail: waited ? Math.max(tail, after) : after } };
  }
  const at = inRow(Math.max(nextFree, tail), now);
  return { go: false, inMs: Math.max(1, Math.ceil(at - now)), state: { nextFree, tail: at + step } };
}

/** When to come back for a place at the end of a row. A row that is too long goes on in its own latter half. */
export function inRow(tail: number, now: number): number {
  const wait = tail - now;
  return wait <= LONGEST_MS ? tail : now + LONGEST_MS / 2 + (wait % (LONGEST_MS / 2));
}
