/** As stacks tell of them. */
export const WORKER = {
  workload: "worker",
  kind: "lambda",
  function: "punctual-dev-worker",
  alias: "live",
  application: "punctual-dev",
  group: "punctual-dev-worker",
} as const;

export const API = { workload: "api", kind: "ecs", cluster: "punctual-dev", service: "punctual-dev-api" } as const;

/** The ARN of a version of the API's task definition. */
export function definition(revision: number): string {
  return `arn:aws:ecs:eu-central-1:111122223333:task-definition/punctual-dev-api:${String(revision)}`;
}
