import type { Blueprint, ObjectiveId, QueueName, WorkloadName } from "@punctual/stack-blueprint";
import { EMPTY_WORLD, type Graph } from "@punctual/stack-testkit";
import { type CloudView, describeCloud, type QueueView } from "@punctual/stack-testkit/conformance";
import { fake, grantOf } from "./support/fake/cloud.js";

interface Machine {
  readonly workload: WorkloadName;
  readonly env: Readonly<Record<string, string>>;
  readonly may: readonly string[];
}

function view(graph: Graph, { workloads }: Blueprint): CloudView {
  const inputsOf = <T>(type: string) =>
    graph.all(`fake:index/${type}:${type}`).map(({ inputs }) => inputs as unknown as T);
  const needed = new Map(workloads.map((one) => [one.name, one.needs.map(grantOf)]));
  return {
    workloads: Object.fromEntries(
      inputsOf<Machine>("Machine").map(({ workload, env, may }) => [
        workload,
        { bindings: env, grants: may, needed: needed.get(workload) ?? [] },
      ]),
    ),
    queues: Object.fromEntries(
      inputsOf<{ readonly name: QueueName } & QueueView>("Queue").map(({ name, deadLetters }) => [
        name,
        { deadLetters },
      ]),
    ),
    watched: inputsOf<{ readonly objective: ObjectiveId }>("Alarm").map(({ objective }) => objective),
  };
}

describeCloud("A small cloud of its own", {
  cloud: fake,
  world: EMPTY_WORLD,
  zone: "example.com",
  own: () => ({ place: "here", machines: 3 }),
  wrong: { own: { machines: 0, plaice: "here" }, complaints: ["fake.machines", "fake.place", "fake.plaice"] },
  view,
  wrongBindings: () => [],
});
