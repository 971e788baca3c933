import type { Blueprint, ObjectiveId, QueueName, SecretName, Workload, WorkloadName } from "@punctual/stack-blueprint";
import type { Graph, Planned } from "@punctual/stack-testkit";
import type { CloudView, QueueView, WorkloadView } from "@punctual/stack-testkit/conformance";
import { grantsOf, neededBy } from "./grants.js";

const QUEUES: readonly QueueName[] = ["events", "dead-letters", "unreadable"];

/** What stands in for a secret that is mounted as a variable. */
const HELD: Readonly<Record<SecretName, string>> = { keys: `${"A".repeat(43)}=`, auth: "a".repeat(32) };

interface Container {
  readonly name?: string;
  readonly envs?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueSource?: { readonly secretKeyRef: { readonly secret: string } };
  }[];
}

interface Runs {
  readonly serviceAccount: string;
  readonly containers: readonly Container[];
}

/** What was made on Google Cloud, in the words of the blueprint. */
export function viewOf(graph: Graph, blueprint: Blueprint): CloudView {
  return {
    workloads: Object.fromEntries(blueprint.workloads.flatMap((one) => workloadIn(graph, one, blueprint) ?? [])),
    queues: Object.fromEntries(blueprint.queues.flatMap(({ name }) => queueIn(graph, name) ?? [])),
    watched: watchedIn(graph),
  };
}

function workloadIn(
  graph: Graph,
  workload: Workload,
  { names }: Blueprint,
): readonly [readonly [WorkloadName, WorkloadView]] | undefined {
  const runs = runsOf(graph, names.of(workload.name));
  const [main, ...others] = runs?.containers ?? [];
  if (runs === undefined || main === undefined) return undefined;
  const view = {
    bindings: Object.fromEntries((main.envs ?? []).map((env) => [env.name, valueOf(env)])),
    grants: grantsOf(graph, runs.serviceAccount),
    needed: neededBy(workload, others.length > 0),
  };
  return [[workload.name, view]];
}

function runsOf(graph: Graph, name: string): Runs | undefined {
  const called = ({ inputs }: Planned) => inputs["name"] === name;
  const service = [
    ...graph.all("gcp:cloudrunv2/service:Service"),
    ...graph.all("gcp:cloudrunv2/workerPool:WorkerPool"),
  ].find(called);
  if (service !== undefined) return service.inputs["template"] as Runs;
  const job = graph.all("gcp:cloudrunv2/job:Job").find(called);
  return (job?.inputs["template"] as { readonly template: Runs } | undefined)?.template;
}

function valueOf({ value, valueSource }: NonNullable<Container["envs"]>[number]): string {
  const secret = valueSource?.secretKeyRef.secret ?? "";
  return value ?? (secret.endsWith("auth") ? HELD.auth : HELD.keys);
}

function queueIn(graph: Graph, name: QueueName): readonly [readonly [QueueName, QueueView]] | undefined {
  const isOf = (topic: unknown, queue: QueueName) => String(topic).endsWith(queue);
  const made = graph
    .all("gcp:pubsub/subscription:Subscription")
    .find(({ inputs }) => QUEUES.find((one) => isOf(inputs["topic"], one)) === name);
  if (made === undefined) return undefined;
  const policy = made.inputs["deadLetterPolicy"] as
    { readonly deadLetterTopic: string; readonly maxDeliveryAttempts: number } | undefined;
  if (policy === undefined) return [[name, { deadLetters: null }]];
  const to = QUEUES.find((one) => isOf(policy.deadLetterTopic, one));
  return to === undefined ? undefined : [[name, { deadLetters: { to, after: policy.maxDeliveryAttempts } }]];
}

function watchedIn(graph: Graph): readonly ObjectiveId[] {
  const policies = graph
    .all("gcp:monitoring/alertPolicy:AlertPolicy")
    .flatMap(({ inputs }) => (inputs["userLabels"] as Readonly<Record<string, ObjectiveId>>)["objective"] ?? []);
  return [...policies, ...(graph.all("gcp:billing/budget:Budget").length > 0 ? (["budget"] as const) : [])];
}
