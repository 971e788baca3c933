export const RUNTIMES = ["serverless", "containers"] as const;
export type Runtime = (typeof RUNTIMES)[number];

export const SCHEDULERS = ["two-stage", "single-stage", "long-running"] as const;
export type Scheduler = (typeof SCHEDULERS)[number];

/** What it runs on, and how what is due becomes delivered. */
export interface Shape {
  readonly runtime: Runtime;
  readonly scheduler: Scheduler;
}

/** Where nobody has said it. */
export const USUAL: Readonly<Record<Runtime, Scheduler>> = { serverless: "two-stage", containers: "long-running" };

const POSSIBLE: Readonly<Record<Runtime, readonly Scheduler[]>> = {
  serverless: ["two-stage", "single-stage"],
  // One process claims and delivers, woken by the database: it needs no queue between.
  containers: ["long-running"],
};

/** What is wrong with it; nothing is an empty list. */
export function objectionsTo({ runtime, scheduler }: Shape): readonly string[] {
  if (POSSIBLE[runtime].includes(scheduler)) return [];
  return [`scheduler is ${scheduler}, and runtime ${runtime} can be ${POSSIBLE[runtime].join(" or ")}`];
}
