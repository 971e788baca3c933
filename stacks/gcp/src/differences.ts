import type { Blueprint, Workload, WorkloadName } from "@punctual/stack-blueprint";

/** Workloads that there are not on Google Cloud, and why. */
export const LEFT_OUT: Readonly<Partial<Record<WorkloadName, string>>> = {
  authorizer: "Nothing before Cloud Run asks a function of ours about a token: the API looks at tokens by itself.",
  health: "How much waits in subscriptions, and for how long, are metrics of Pub/Sub: nothing has to ask for it.",
};

/** How long Cloud Scheduler waits for a tick. The next one relieves it after a minute. */
export const TICK_SECONDS = 180;

/** Where a request may take as long as Cloud Run says, and not as long as the blueprint does. */
const TIMEOUTS: Readonly<Partial<Record<WorkloadName, number>>> = {
  // A stream ends with its request.
  api: 300,
  scheduler: TICK_SECONDS,
  "dead-letters": 60,
};

/** The second generation of Cloud Run takes no less. */
const LEAST_MEMORY_MB = 512;

/** What runs on Google Cloud, as it does there. */
export function workloadsOn({ workloads }: Blueprint): readonly Workload[] {
  return workloads
    .filter(({ name }) => LEFT_OUT[name] === undefined)
    .map((one) => ({
      ...one,
      timeoutSeconds: TIMEOUTS[one.name] ?? one.timeoutSeconds,
      memoryMb: Math.max(one.memoryMb, LEAST_MEMORY_MB),
    }));
}

/** Pub/Sub gives a message up after five attempts or more. */
export const LEAST_RECEIVES = 5;
