import { type Graph, record } from "@punctual/stack-testkit";
import { applied, readVariants, type Variant } from "@punctual/stack-testkit/plan";
import { readProject, readSettings, stackConfig, stacksOf } from "@punctual/stack-testkit/planner";
import { awsWorld, gcpWorld } from "@punctual/stack-testkit/worlds";
import { resolve } from "node:path";
import { configOf } from "../../src/config.js";
import { provision } from "../../src/provision.js";

const root = resolve(import.meta.dirname, "../../../..");

const WORLDS = { aws: awsWorld(), gcp: gcpWorld() };

export interface Stack {
  readonly name: string;
  readonly cloud: "aws" | "gcp";
  readonly environment: string;
  /** What is laid over its file; nothing is the stack itself. */
  readonly variant?: Variant;
}

/** Every stack that has a file of its own. */
export async function stacks(): Promise<readonly Stack[]> {
  const names = await stacksOf(await readProject(root));
  return names.map((name) => {
    const [cloud = "", environment = ""] = name.split("-");
    if (cloud !== "aws" && cloud !== "gcp") throw new RangeError(`${name} is on no cloud that is known here`);
    return { name, cloud, environment };
  });
}

/** The same in every other way to run them. */
export async function stacksInVariants(): Promise<readonly Stack[]> {
  const [plain, variants] = await Promise.all([stacks(), readVariants(resolve(root, "stacks/plans/variants.yaml"))]);
  return variants.flatMap((variant) => plain.map((stack) => ({ ...stack, variant })));
}

/** The same on containers. */
export async function stacksOnContainers(): Promise<readonly Stack[]> {
  const found = (await stacksInVariants()).filter(({ variant }) => variant?.name === "containers");
  if (found.length === 0) throw new RangeError("there is no variant containers");
  return found;
}

/** The same with a transport between them. */
export async function stacksWithTransport(transport: string): Promise<readonly Stack[]> {
  return (await stacksOnContainers()).map(({ variant, ...stack }) => ({
    ...stack,
    variant: { name: "transport", settings: { ...variant?.settings, "punctual:transport": transport } },
  }));
}

export function titleOf({ name, variant }: Stack): string {
  return variant === undefined ? name : `${name}+${variant.name}`;
}

const known = new Map<string, Promise<Graph>>();

/** All that a stack registers, in this process. Nothing changes a graph, so each is recorded once. */
export async function graphOf(stack: Stack): Promise<Graph> {
  const title = titleOf(stack);
  const graph = known.get(title) ?? recorded(stack);
  known.set(title, graph);
  return graph;
}

async function recorded({ name, cloud, variant }: Stack): Promise<Graph> {
  const project = await readProject(root);
  const { values } = stackConfig(project, name, applied(variant, await readSettings(project, name), project));
  const config = configOf(project.name, values);
  return record({ project: project.name, stack: name, world: WORLDS[cloud] }, async () =>
    provision({ project: project.name, name, config }),
  );
}
