import type { Dice } from "./dice.js";

/** How often each thing goes wrong; a swarm: every seed switches each fault on or off, so that none hides another. */
export interface Faults {
  /** Chances for each call of a process. */
  readonly crash: number;
  readonly pause: number;
  readonly storeError: number;
  /** The store did it, and the answer was lost. */
  readonly storeUnknown: number;
  readonly sendRefused: number;
  readonly sendUnknown: number;
  /** Chances for each message. */
  readonly duplicate: number;
  readonly late: number;
  readonly lose: number;
  /** Chances for each request. */
  readonly serverError: number;
  readonly answerLost: number;
  readonly rejected: number;
  readonly gone: number;
  readonly throttled: number;
  /** Chances for each action of an operator. */
  readonly operator: number;
  /** Milliseconds by which the processes' clocks are wrong. */
  readonly skew: number;
  /** Steps of the store's clock, in milliseconds, at random times. */
  readonly clockSteps: readonly number[];
  readonly zoneChange: boolean;
}

export function drawFaults(dice: Dice): Faults {
  const rate = (on: number, most: number) => (dice.chance(on) ? most * dice.next() : 0);
  return {
    crash: rate(0.6, 0.03),
    pause: rate(0.5, 0.03),
    storeError: rate(0.5, 0.05),
    storeUnknown: rate(0.5, 0.05),
    sendRefused: rate(0.4, 0.15),
    sendUnknown: rate(0.4, 0.1),
    duplicate: rate(0.5, 0.3),
    late: rate(0.4, 0.15),
    lose: rate(0.3, 0.05),
    serverError: rate(0.6, 0.4),
    answerLost: rate(0.4, 0.2),
    rejected: rate(0.3, 0.1),
    gone: rate(0.15, 0.03),
    throttled: rate(0.3, 0.2),
    operator: rate(0.8, 1),
    skew: dice.chance(0.4) ? dice.between(-600_000, 600_000) : 0,
    clockSteps: dice.chance(0.25) ? [dice.between(-60_000, 20_000)] : [],
    zoneChange: dice.chance(0.3),
  };
}

export const NO_FAULTS: Faults = {
  crash: 0,
  pause: 0,
  storeError: 0,
  storeUnknown: 0,
  sendRefused: 0,
  sendUnknown: 0,
  duplicate: 0,
  late: 0,
  lose: 0,
  serverError: 0,
  answerLost: 0,
  rejected: 0,
  gone: 0,
  throttled: 0,
  operator: 0,
  skew: 0,
  clockSteps: [],
  zoneChange: false,
};
