import { runtime } from "@pulumi/pulumi";
import { type Graph, record } from "@punctual/stack-testkit";
import { readProject, readSettings, stackConfig, stacksOf } from "@punctual/stack-testkit/planner";
import { awsWorld, gcpWorld } from "@punctual/stack-testkit/worlds";
import aws from "@punctual/stack-bootstrap-aws";
import gcp from "@punctual/stack-bootstrap-gcp";
import { resolve } from "node:path";

const folder = resolve(import.meta.dirname, "../../../bootstrap");

const PROGRAMS = { aws: { program: aws, world: awsWorld() }, gcp: { program: gcp, world: gcpWorld() } };

const known = new Map<string, Promise<Graph>>();

/** What there is once in an account or a project, by the settings that are checked in as an example. */
export async function bootstrapOf(cloud: keyof typeof PROGRAMS): Promise<Graph> {
  const graph = known.get(cloud) ?? recorded(cloud);
  known.set(cloud, graph);
  return graph;
}

async function recorded(cloud: keyof typeof PROGRAMS): Promise<Graph> {
  const { program, world } = PROGRAMS[cloud];
  const project = await readProject(resolve(folder, cloud));
  const [stack = ""] = await stacksOf(project);
  const { values } = stackConfig(project, stack, await readSettings(project, stack));
  return record({ project: project.name, stack, world }, async () => {
    // As the engine tells it; whoever records next in this process is told by somebody else.
    runtime.setAllConfig(values);
    try {
      return await program();
    } finally {
      runtime.setAllConfig({});
    }
  });
}
