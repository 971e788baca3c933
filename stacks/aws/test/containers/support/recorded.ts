import { ENVIRONMENTS, type EnvironmentName } from "@punctual/stack-blueprint";
import { Graph, type Planned } from "@punctual/stack-testkit";
import { containersIn } from "./parts.js";

export type Text = Readonly<Record<string, string>>;
export interface Written {
  readonly name: string;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly [field: string]: unknown;
}
export interface Statement {
  readonly Action: readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const KEYS = Buffer.alloc(32, 1).toString("base64");

export function jsonOf<T>(one: Planned, input: string): T {
  return JSON.parse(String(one.inputs[input])) as T;
}

/** Of the component and what it is above, and not of the parts that it was given. */
export function ownTypes(graph: Graph): Readonly<Record<string, number>> {
  const isContainers = ({ type }: Planned) => type === "punctual:aws:Containers";
  return new Graph(graph.resources.filter((one) => [one, ...graph.ancestorsOf(one)].some(isContainers))).types();
}

export function taskOf(graph: Graph, environment: string, workload: string): Planned {
  return graph.one("aws:ecs/taskDefinition:TaskDefinition", `punctual-${environment}-${workload}-task`);
}

export function containerOf(graph: Graph, environment: string, workload: string, name = workload): Written {
  const found = jsonOf<readonly Written[]>(taskOf(graph, environment, workload), "containerDefinitions").find(
    (one) => one.name === name,
  );
  if (found === undefined) throw new RangeError(`${workload} has no container ${name}`);
  return found;
}

/** As the process sees it: ECS puts what a secret holds where its name stands. */
export function environmentIn(graph: Graph, environment: string, workload: string): Text {
  const { environment: plain, secrets } = containerOf(graph, environment, workload);
  const held: Text = { PUNCTUAL_SECRET_KEYS: KEYS, PUNCTUAL_AUTH_SECRET: "s".repeat(32) };
  return Object.fromEntries([
    ["PUNCTUAL_HOST", "0.0.0.0"], // the image says it
    ...plain.map(({ name, value }) => [name, value] as const),
    ...secrets.map(({ name }) => [name, held[name] ?? ""] as const),
  ]);
}

export function grantsOf(graph: Graph, name: string): readonly Statement[] {
  const policy = graph.one("aws:iam/rolePolicy:RolePolicy", name);
  return jsonOf<{ readonly Statement: readonly Statement[] }>(policy, "policy").Statement;
}

const known = new Map<EnvironmentName, Promise<Graph>>();

/** What each environment registers, recorded once for all tests; to be called within `describe`. */
export function recorded(): (environment: EnvironmentName) => Graph {
  const graphs = new Map<EnvironmentName, Graph>();
  before(async () => {
    for (const environment of ENVIRONMENTS) {
      const graph = known.get(environment) ?? containersIn(environment);
      known.set(environment, graph);
      graphs.set(environment, await graph);
    }
  });
  return (environment) => {
    const graph = graphs.get(environment);
    if (graph === undefined) throw new RangeError(`${environment} was not recorded`);
    return graph;
  };
}
