import { inRow } from "./rate.js";

/**
 * The places at a destination that may have so many requests under way at one time, seen from outside: who finds none
 * free is told when one should be, by how long requests have taken so far. Those times form a row, so that a crowd comes
 * back about as fast as it can be served. Who asks when a place is free is let in, whatever the row.
 */
export interface PlacesState {
  /** How long a request takes: a mean in which the latest counts most. Null before the first has ended. */
  readonly meanMs: number | null;
  /** The last instant, in epoch milliseconds, that anybody was told to come back at. */
  readonly tail: number;
  /** When somebody last found no place. */
  readonly fullAt: number;
}

export const NO_PLACES: PlacesState = { meanMs: null, tail: 0, fullAt: 0 };

/** Taken for the mean while nothing is known: rather too short, as it is known soon. */
const UNKNOWN_MS = 100;
/** When everybody has found a place for so long, nobody is waiting, or the row is slower than the service. */
const QUIET_MS = 1_000;
const WEIGHT = 0.2;

export function comeBack(
  state: PlacesState,
  places: number,
  now: number,
): { readonly inMs: number; readonly state: PlacesState } {
  const step = Math.max(1, (state.meanMs ?? UNKNOWN_MS) / places);
  const quiet = now - state.fullAt >= step + QUIET_MS;
  const at = inRow((quiet ? now : Math.max(now, state.tail)) + step, now);
  return { inMs: Math.ceil(at - now), state: { ...state, tail: at, fullAt: now } };
}

/** A request has ended after so long. */
export function took(state: PlacesState, durationMs: number): PlacesState {
  const meanMs = state.meanMs === null ? durationMs : state.meanMs + WEIGHT * (durationMs - state.meanMs);
  return { ...state, meanMs };
}
