import type { ReleaseTarget } from "@punctual/stack-blueprint";

/** What a target says of itself by this name: it comes of a stack's outputs, where everything is a text. */
export function detailOf(name: string): (target: ReleaseTarget) => string {
  return (target) => {
    const value = target[name];
    if (typeof value !== "string")
      throw new RangeError(`The ${target.kind} of ${target.workload} does not say its ${name}`);
    return value;
  };
}
