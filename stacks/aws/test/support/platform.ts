import { type Graph, record } from "@punctual/stack-testkit";
import { AwsPlatform } from "../../src/platform.js";
import { providersOf } from "../../src/providers.js";
import { planOf, type Told } from "./plans.js";
import { AWS } from "./world.js";

const known = new Map<string, Promise<Graph>>();

/** Everything that a platform registers. Nothing changes a graph, so each is recorded once. */
export async function platformOf(told: Told, preview = false): Promise<Graph> {
  const key = JSON.stringify([told, preview]);
  const graph = known.get(key) ?? recordedOf(told, preview);
  known.set(key, graph);
  return graph;
}

async function recordedOf(told: Told, preview: boolean): Promise<Graph> {
  const plan = planOf(told);
  return record(
    { world: AWS, preview },
    () => new AwsPlatform("punctual", { ...plan, providers: providersOf(plan) }).outputs,
  );
}
