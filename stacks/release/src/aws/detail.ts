import type { ReleaseTarget } from "@punctual/stack-blueprint";

/** What a stack's outputs say of a target, by its name there. */
export function detailOf(target: ReleaseTarget, name: string): string {
  const detail = target[name];
  if (typeof detail === "string") return detail;
  throw new RangeError(`The ${target.kind} ${target.workload} does not say its ${name}`);
}
