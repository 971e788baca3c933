import type { Destination } from "@punctual/core";
import { known } from "./event-view.js";

/** A destination as it is told: neither its secrets nor what its headers say, which may be one. */
export function destinationView(destination: Destination) {
  const { id, kind, url, method, headers, timeoutMs, enabled, inline, secrets, revision } = destination;
  const { ratePerSecond, concurrency, ackWithinMs, disabledBecause, createdAt, updatedAt } = destination;
  return {
    ...{ id, kind, url, method, headerNames: Object.keys(headers) },
    ...known({ ratePerSecond, concurrency }),
    timeoutMs,
    ...known({ ackWithinMs }),
    enabled,
    ...known({ disabledBecause }),
    inline,
    secrets: secrets.map((one) => ({ id: one.id, createdAt: one.createdAt, ...known({ expiresAt: one.expiresAt }) })),
    ...{ revision, createdAt, updatedAt },
  };
}
