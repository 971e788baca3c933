import type { EnvironmentName } from "@punctual/stack-blueprint";

/** A message that waits takes half a kilobyte: half a gigabyte holds a million of them. */
export const NODE_TYPES: Readonly<Record<EnvironmentName, string>> = {
  dev: "cache.t4g.micro",
  staging: "cache.t4g.micro",
  production: "cache.t4g.small",
};

export const MEMORY_GB: Readonly<Record<EnvironmentName, number>> = { dev: 1, staging: 1, production: 2 };

/** A queue that is full takes no more, and says so; one that makes room loses what it has accepted. */
export const NO_EVICTION = { name: "maxmemory-policy", value: "noeviction" };
