import type { Shape } from "./shape.js";

/** What is watched for each workload that answers by itself. */
export type WorkloadObjective = "function-errors" | "function-duration" | "throttles";

export type ObjectiveId =
  | WorkloadObjective
  | "api-errors"
  | "api-latency"
  | "heartbeat"
  | "oldest-due"
  | "expired-leases"
  | "delivery-success"
  | "troubles"
  | "queue-depth"
  | "queue-age"
  | "dead-letters"
  | "unreadable"
  | "database-cpu"
  | "database-connections"
  | "database-storage"
  | "certificate"
  | "nat"
  | "budget";

/** What to do about it: a page of `docs/runbooks`. */
export type Runbook =
  | "bad-release"
  | "bad-migration"
  | "poison-flood"
  | "receiver-outage"
  | "database-failover"
  | "region-loss"
  | "leaked-secret"
  | "zone-data-change"
  | "backlog-at-nine"
  | "certificate"
  | "costs";

/** Where whoever is woken begins to read; from there on pages lead to each other. */
export const RUNBOOKS: Readonly<Record<ObjectiveId, Runbook>> = {
  "api-errors": "bad-release",
  "api-latency": "bad-release",
  "function-errors": "bad-release",
  "function-duration": "receiver-outage",
  throttles: "backlog-at-nine",
  heartbeat: "bad-release",
  "oldest-due": "backlog-at-nine",
  "expired-leases": "bad-release",
  "delivery-success": "receiver-outage",
  troubles: "bad-migration",
  "queue-depth": "backlog-at-nine",
  "queue-age": "backlog-at-nine",
  "dead-letters": "poison-flood",
  unreadable: "poison-flood",
  "database-cpu": "database-failover",
  "database-connections": "database-failover",
  "database-storage": "database-failover",
  certificate: "certificate",
  nat: "receiver-outage",
  budget: "costs",
};

/** In the repository. */
function pathOf(runbook: Runbook): string {
  return `docs/runbooks/${runbook}.md`;
}

/** For whoever is woken: what to read. */
export function adviceOf({ id }: Pick<Objective, "id">): string {
  return `What to do: ${pathOf(RUNBOOKS[id])}`;
}

/** What must hold on every cloud; each says by which metric it sees that it does not. */
export interface Objective {
  readonly id: ObjectiveId;
  /** What has happened when it alarms, for whoever is woken. */
  readonly says: string;
  readonly above: number;
  readonly unit: "%" | "s" | "ms" | "messages" | "times" | "days";
  /** How long it must have been so. */
  readonly minutes: number;
  /** Whether no data are a reason to alarm, too. */
  readonly silenceIsBad: boolean;
  /** Whether somebody is woken where there is a pager. */
  readonly severity: "page" | "look";
}

const objective = (
  id: ObjectiveId,
  above: number,
  unit: Objective["unit"],
  minutes: number,
  severity: Objective["severity"],
  says: string,
  silenceIsBad = false,
): Objective => ({ id, says, above, unit, minutes, silenceIsBad, severity });

/** In one list, so that no cloud knows less than another. */
export const OBJECTIVES: readonly Objective[] = [
  objective("api-errors", 5, "%", 5, "page", "More than one request in twenty to the API fails inside."),
  objective(
    "api-latency",
    2_000,
    "ms",
    5,
    "page",
    "One request in a hundred to the API takes longer than two seconds.",
  ),
  objective("function-errors", 5, "%", 5, "page", "A workload fails in more than one call of twenty."),
  objective("function-duration", 80, "%", 5, "look", "A workload takes most of the time that it may take."),
  objective("throttles", 0, "times", 1, "look", "A workload is called more often than it may run."),
  objective("heartbeat", 0, "times", 3, "page", "The scheduler has not looked for three minutes.", true),
  objective("oldest-due", 300, "s", 5, "page", "An event has been due for five minutes, and nobody has taken it."),
  objective(
    "expired-leases",
    10,
    "times",
    15,
    "look",
    "Workers lose what they hold: they are too slow, or are killed.",
  ),
  objective("delivery-success", 5, "%", 15, "look", "More than one event in twenty ends failed."),
  objective("troubles", 5, "times", 15, "look", "Something inside goes wrong again and again."),
  objective("queue-depth", 1_000, "messages", 10, "look", "More waits in the queue than workers carry away."),
  objective("queue-age", 300, "s", 5, "page", "A message has waited five minutes for a worker."),
  objective("dead-letters", 0, "messages", 1, "look", "A message was taken in vain too often."),
  objective("unreadable", 0, "messages", 1, "page", "A message came that is none of ours, or that nobody can read."),
  objective("database-cpu", 80, "%", 15, "page", "The database has hardly any time left."),
  objective("database-connections", 80, "%", 5, "page", "The database has hardly any connections left."),
  objective("database-storage", 80, "%", 15, "page", "The database has hardly any room left."),
  objective("certificate", 30, "days", 60, "look", "The certificate ends within thirty days and was not renewed."),
  objective("nat", 0, "times", 5, "look", "Connections to receivers find no port on the way out."),
  objective("budget", 80, "%", 0, "look", "The month is going to cost more than four fifths of what was planned."),
];

const OF_QUEUES: readonly ObjectiveId[] = ["queue-depth", "queue-age", "dead-letters", "unreadable"];
const OF_FUNCTIONS: readonly ObjectiveId[] = ["function-errors", "function-duration", "throttles"];

/** Those that can be missed at all: what has no queue has no messages that wait, and what has no name no certificate. */
export function objectivesOf(
  { runtime, scheduler }: Shape,
  { named }: { readonly named: boolean },
): readonly Objective[] {
  return OBJECTIVES.filter(
    ({ id }) =>
      (scheduler === "two-stage" || !OF_QUEUES.includes(id)) &&
      (runtime === "serverless" || !OF_FUNCTIONS.includes(id)) &&
      (named || id !== "certificate"),
  );
}
