import { DELIVER_DEFAULTS } from "@punctual/core";
import type { CoreSettings } from "@punctual/core/wiring";
import type { Of, SCHEDULER } from "./variables.js";

export interface SchedulerSettings {
  readonly shape: "two-stage" | "single-stage";
  readonly lookAheadSeconds: number;
  readonly lingerSeconds: number;
  readonly leaseSeconds: number;
}

export function settingsOf(config: Of<typeof SCHEDULER>): SchedulerSettings {
  return {
    shape: config.PUNCTUAL_SCHEDULER,
    lookAheadSeconds: config.PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS,
    lingerSeconds: config.PUNCTUAL_SCHEDULER_LINGER_SECONDS,
    leaseSeconds: config.PUNCTUAL_SCHEDULER_LEASE_SECONDS,
  };
}

/** The longest that a destination may have its requests wait, and what a request takes besides. */
export const LONGEST_SEND_MS = 60_000 + DELIVER_DEFAULTS.marginMs + 1_000;

/** A batch that is handed over is claimed and sent within it. */
const LONGEST_HAND_OVER_MS = 5_000;

/** No batch is begun with less time left. */
export function leastLeftMs(shape: SchedulerSettings["shape"]): number {
  return shape === "single-stage" ? LONGEST_SEND_MS : LONGEST_HAND_OVER_MS;
}

const NOTHING_AHEAD: SchedulerSettings = {
  shape: "two-stage",
  lookAheadSeconds: 0,
  lingerSeconds: 0,
  leaseSeconds: 120,
};

export function coreSettings(scheduler: SchedulerSettings = NOTHING_AHEAD): CoreSettings {
  const { shape, lookAheadSeconds, lingerSeconds, leaseSeconds } = scheduler;
  const inPlace = shape === "single-stage";
  const batch = {
    limit: 1_000,
    // On its way to the worker a message may wait behind many others; in place nothing waits.
    leaseMs: inPlace ? DELIVER_DEFAULTS.leaseMs : leaseSeconds * 1_000,
    lookAheadMs: lookAheadSeconds * 1_000,
  };
  return {
    // Users are made by the API, which knows where their greetings go.
    greetings: null,
    inPlace,
    tick: { ...batch, leastLeftMs: leastLeftMs(shape), linger: { forMs: lingerSeconds * 1_000, everyMs: 1_000 } },
    scheduler: { ...batch, pollMs: 1_000, heartbeatMs: 15_000 },
    worker: { maxInFlight: DELIVER_DEFAULTS.places, maxBatch: 100 },
  };
}
