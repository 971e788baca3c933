import type { Progress, Standing, Version } from "../mover.js";

/** How a service says that its deployment ended. */
export interface Ended {
  readonly well: boolean;
  readonly because: string;
}

/**
 * What an ended deployment is to those who released: its end alone says nothing of traffic. Where some is still at `to` that has
 * to leave, or some is not there yet, it is on its way, and whoever waits for it has had enough at some time (M3).
 */
export function settled({ well, because }: Ended, { shares }: Standing, to: Version): Progress {
  const share = shares[to] ?? 0;
  if (well && share === 100) return { kind: "arrived" };
  if (share > 0) return { kind: "under-way" };
  return { kind: "returned", because: well ? "it was taken back since" : because };
}

export function isAllAt({ shares }: Standing, version: Version): boolean {
  return shares[version] === 100;
}
