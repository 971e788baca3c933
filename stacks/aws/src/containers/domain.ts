import type { Blueprint } from "@punctual/stack-blueprint";

/** What of a blueprint containers on AWS cannot be: nothing is an empty list. */
export function objectionsToContainers({ settings }: Pick<Blueprint, "settings">): readonly string[] {
  const { domain, shape } = settings;
  // AWS gives a load balancer a name, but no certificate for it.
  return shape.runtime === "containers" && domain === undefined
    ? ["domain is needed where the runtime is containers: without one the API would answer by HTTP"]
    : [];
}

/** Settings without one are refused before anything is made. */
export function domainOf({ settings: { domain } }: Pick<Blueprint, "settings">): string {
  if (domain === undefined) throw new RangeError("domain is needed where the runtime is containers");
  return domain;
}
