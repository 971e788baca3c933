/**
 * Stops asking a destination that does not answer, probes it now and then, and goes on when it answers again. Pure
 * functions of the breaker's state; where that is kept is the `DestinationGate`'s business.
 */
export interface Breaker {
  readonly state: "closed" | "open" | "half_open";
  /** When the window began in which results are counted. */
  readonly windowStart: number;
  readonly successes: number;
  readonly failures: number;
  /** When the next probe may go, while it is open. */
  readonly probeAt: number;
  /** How often it was reopened without a success between. */
  readonly reopened: number;
  /** The first failure since the last success, or since a time in which nothing was asked. */
  readonly failingSince: number | null;
  readonly lastFailure: number | null;
}

export interface BreakerOptions {
  readonly windowMs: number;
  readonly leastCalls: number;
  /** From 0 to 1. */
  readonly failureShare: number;
  readonly pauseMs: number;
  readonly longestPauseMs: number;
  /** A destination that has failed for so long without one success should be disabled. */
  readonly disableAfterMs: number;
  /** The longest time between two failures of one long failure. */
  readonly silenceMs: number;
}

export const BREAKER_DEFAULTS: BreakerOptions = {
  windowMs: 10_000,
  leastCalls: 5,
  failureShare: 0.5,
  pauseMs: 30_000,
  longestPauseMs: 120_000,
  disableAfterMs: 5 * 86_400_000,
  silenceMs: 86_400_000,
};

export function newBreaker(now: number): Breaker {
  return {
    state: "closed",
    windowStart: now,
    successes: 0,
    failures: 0,
    probeAt: 0,
    reopened: 0,
    failingSince: null,
    lastFailure: null,
  };
}

export type BreakerAnswer =
  | { readonly go: true; readonly breaker: Breaker }
  | { readonly go: false; readonly inMs: number; readonly breaker: Breaker };

/** Whether a request may go. Whoever is let through while it is open is the probe; all others wait for its result. */
export function ask(breaker: Breaker, now: number, options: BreakerOptions = BREAKER_DEFAULTS): BreakerAnswer {
  if (breaker.state === "closed") return { go: true, breaker };
  if (now < breaker.probeAt) return { go: false, inMs: breaker.probeAt - now, breaker };
  // A probe whose worker died is never reported: after another pause the next one goes.
  return { go: true, breaker: { ...breaker, state: "half_open", probeAt: now + options.pauseMs } };
}

export function tell(
  breaker: Breaker,
  success: boolean,
  now: number,
  options: BreakerOptions = BREAKER_DEFAULTS,
): Breaker {
  if (success) return breaker.state === "closed" ? counted(breaker, true, now, options) : newBreaker(now);
  // Two failures with a long silence between them are not a long failure.
  const goesOn = breaker.lastFailure !== null && now - breaker.lastFailure <= options.silenceMs;
  const failingSince = goesOn ? (breaker.failingSince ?? now) : now;
  const failing = { ...breaker, failingSince, lastFailure: now };
  // Not the probe's: a request that was under way when the breaker opened says nothing new.
  if (breaker.state === "open") return failing;
  if (breaker.state === "half_open") return opened(failing, now, breaker.reopened + 1, options);
  const next = counted(failing, false, now, options);
  const calls = next.successes + next.failures;
  const trips = calls >= options.leastCalls && next.failures / calls >= options.failureShare;
  return trips ? opened(next, now, 0, options) : next;
}

export function failingTooLong(breaker: Breaker, now: number, options: BreakerOptions = BREAKER_DEFAULTS): boolean {
  return breaker.failingSince !== null && now - breaker.failingSince >= options.disableAfterMs;
}

/** How long it stays open before the next probe. */
export function pauseOf({ reopened }: Pick<Breaker, "reopened">, options: BreakerOptions): number {
  return Math.min(options.longestPauseMs, options.pauseMs * 2 ** Math.min(reopened, 10));
}

function counted(breaker: Breaker, success: boolean, now: number, options: BreakerOptions): Breaker {
  const fresh = now - breaker.windowStart >= options.windowMs;
  const [successes, failures] = fresh ? [0, 0] : [breaker.successes, breaker.failures];
  return {
    ...breaker,
    windowStart: fresh ? now : breaker.windowStart,
    successes: successes + (success ? 1 : 0),
    failures: failures + (success ? 0 : 1),
    failingSince: success ? null : breaker.failingSince,
  };
}

function opened(breaker: Breaker, now: number, reopened: number, options: BreakerOptions): Breaker {
  const pause = pauseOf({ reopened }, options);
  return { ...breaker, state: "open", probeAt: now + pause, reopened, successes: 0, failures: 0, windowStart: now };
}
