import type { Names, Workload } from "@punctual/stack-blueprint";

/**
 * What the tokens of callers are made for. A text of our own, known before anything runs: by their addresses services would
 * have to know what is known only when they are there.
 */
export function audienceOf(names: Names): string {
  return names.of("callers");
}

/** Whether Google's own services call it, and nobody else may. */
export function isCalled({ trigger }: Workload): boolean {
  return trigger.kind === "minute" || trigger.kind === "queue";
}
