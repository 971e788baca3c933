import type { Blueprint, ObjectiveId, QueueName, Workload, WorkloadName } from "@punctual/stack-blueprint";
import type { Graph, Planned } from "@punctual/stack-testkit";
import type { CloudView, QueueView, WorkloadView } from "@punctual/stack-testkit/conformance";
import { grantsOf, neededBy, neededInContainers } from "./grants.js";

const QUEUE = "aws:sqs/queue:Queue";

/** What was made on AWS, in the words of the blueprint. */
export function viewOf(graph: Graph, blueprint: Blueprint): CloudView {
  return {
    workloads: Object.fromEntries(
      blueprint.workloads.flatMap((one) => functionIn(graph, one, blueprint) ?? taskIn(graph, one, blueprint) ?? []),
    ),
    queues: Object.fromEntries(blueprint.queues.flatMap(({ name }) => queueIn(graph, name, blueprint) ?? [])),
    watched: watchedIn(graph),
  };
}

function functionIn(
  graph: Graph,
  workload: Workload,
  { names, defaults }: Blueprint,
): readonly [readonly [WorkloadName, WorkloadView]] | undefined {
  const made = graph
    .all("aws:lambda/function:Function")
    .find(({ inputs }) => inputs["name"] === names.of(workload.name, 64));
  const [role] = made === undefined ? [] : graph.sourcesOf(made, "role");
  if (made === undefined || role === undefined) return undefined;
  const { variables } = made.inputs["environment"] as { readonly variables: Readonly<Record<string, string>> };
  const grants = grantsOf(graph, role);
  return [[workload.name, { bindings: variables, grants, needed: neededBy(workload, defaults.keys === "each") }]];
}

interface Container {
  readonly name: string;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string }[];
}

/** What stands in for what a secret holds. */
const HELD: Readonly<Record<string, string>> = {
  PUNCTUAL_SECRET_KEYS: `${"A".repeat(43)}=`,
  PUNCTUAL_AUTH_SECRET: "a".repeat(32),
};

function taskIn(
  graph: Graph,
  workload: Workload,
  { names }: Blueprint,
): readonly [readonly [WorkloadName, WorkloadView]] | undefined {
  const made = graph
    .all("aws:ecs/taskDefinition:TaskDefinition")
    .find(({ inputs }) => inputs["family"] === names.of(workload.name, 255));
  if (made === undefined) return undefined;
  const containers = JSON.parse(String(made.inputs["containerDefinitions"])) as readonly Container[];
  const program = containers.find(({ name }) => name === workload.name);
  if (program === undefined) return undefined;
  const bindings = Object.fromEntries([
    ...program.environment.map(({ name, value }) => [name, value] as const),
    ...program.secrets.map(({ name }) => [name, HELD[name] ?? ""] as const),
  ]);
  const by = (input: string, does: string) =>
    graph.sourcesOf(made, input).flatMap((role) => grantsOf(graph, role).map((one) => `${does}: ${one}`));
  const grants = [...by("taskRoleArn", "runs"), ...by("executionRoleArn", "starts")];
  return [[workload.name, { bindings, grants, needed: neededInContainers(workload) }]];
}

function queueIn(
  graph: Graph,
  name: QueueName,
  { names }: Blueprint,
): readonly [readonly [QueueName, QueueView]] | undefined {
  const called = (one: QueueName) => names.of(one, 80);
  const made = graph.all(QUEUE).find(({ inputs }) => inputs["name"] === called(name));
  if (made === undefined) return undefined;
  const policy = made.inputs["redrivePolicy"];
  if (typeof policy !== "string") return [[name, { deadLetters: null }]];
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy) as {
    readonly deadLetterTargetArn: string;
    readonly maxReceiveCount: number;
  };
  const to = (["events", "dead-letters", "unreadable"] as const).find((one) =>
    deadLetterTargetArn.endsWith(`:${called(one)}`),
  );
  return to === undefined ? undefined : [[name, { deadLetters: { to, after: maxReceiveCount } }]];
}

function watchedIn(graph: Graph): readonly ObjectiveId[] {
  const tagOf = ({ inputs }: Planned) =>
    (inputs["tags"] as Readonly<Record<string, ObjectiveId>> | undefined)?.["objective"];
  const alarms = graph.all("aws:cloudwatch/metricAlarm:MetricAlarm").flatMap((one) => tagOf(one) ?? []);
  return [...alarms, ...(graph.all("aws:budgets/budget:Budget").length > 0 ? (["budget"] as const) : [])];
}
