import { reportOn } from "@punctual/stack-cost";
import { violationsIn } from "@punctual/stack-policy";
import type { Graph, Planned } from "@punctual/stack-testkit";
import { wrongBindings } from "@punctual/standalone/bindings";
import { expect } from "chai";
import { graphOf, type Stack, stacksOnContainers, stacksWithTransport, titleOf } from "./support/stacks.js";

const NAME = "@punctual/adapter-redis";
const found = await stacksWithTransport(NAME);
const without = await stacksOnContainers();

describe("A stack on containers with Redis between", () => {
  for (const stack of found) {
    it(`tells the worker of it, and nobody else, in ${titleOf(stack)}`, async () => {
      const graph = await graphOf(stack);
      const told = (workload: string) => Object.keys(variablesOf(graph, stack, workload)).filter(isOfTransport);
      const variables = variablesOf(graph, stack, "worker");

      expect(told("worker").toSorted()).to.deep.equal([
        "PUNCTUAL_TRANSPORT",
        ...(stack.cloud === "gcp" ? ["PUNCTUAL_TRANSPORT_REDIS_CA"] : []),
        "PUNCTUAL_TRANSPORT_REDIS_URL",
      ]);
      expect([...told("api"), ...told("migrate")]).to.deep.equal([]);
      expect(variables["PUNCTUAL_TRANSPORT"]).to.equal(NAME);
      expect(variables["PUNCTUAL_TRANSPORT_REDIS_URL"]).to.equal(SECRET);
      // What is the transport's own the transport itself judges.
      const keys = { PUNCTUAL_SECRET_KEYS: `${"A".repeat(43)}=` };
      expect(wrongBindings({ ...variables, ...keys }, ["AWS_REGION", ...told("worker")])).to.deep.equal([]);
    });

    it(`breaks no policy in ${titleOf(stack)}, and costs what is known`, async () => {
      const graph = await graphOf(stack);
      const { estimate } = reportOn(stack.name, graph);

      expect(violationsIn(graph, stack).map(({ rule, urn, message }) => `${rule} ${urn} ${message}`)).to.be.empty;
      expect(estimate.items.some(({ line }) => line === "caches and streams")).to.equal(true);
    });

    it(`makes nothing else differently in ${titleOf(stack)}`, async () => {
      const bare = without.find(({ name }) => name === stack.name) as Stack;
      const before = new Set((await graphOf(bare)).resources.map(({ urn }) => urn));
      const after = (await graphOf(stack)).resources;

      expect(after.filter(({ urn, name }) => !before.has(urn) && !name.includes("-transport"))).to.deep.equal([]);
      expect(after.filter(({ urn }) => before.has(urn))).to.have.length(before.size);
    });
  }

  it("lets the tasks of the worker in, and no others, on AWS", async () => {
    const graph = await graphOf(found.find(({ name }) => name === "aws-production") as Stack);
    const clients = graph.resources.filter(({ name }) => name.endsWith("-transport-groups-clients"));
    const inside = graph
      .all("aws:ecs/service:Service")
      .filter((service) => clients.some((one) => graph.sourcesOf(service, "networkConfiguration").includes(one)));

    expect(inside.map(({ inputs }) => inputs["name"])).to.deep.equal(["punctual-production-worker"]);
  });
});

const SECRET = "[secret]";

const isOfTransport = (name: string) => name.startsWith("PUNCTUAL_TRANSPORT");

interface Env {
  readonly name: string;
  readonly value?: string;
}

/** What a workload is told; of what is secret, that it is. */
function variablesOf(graph: Graph, { cloud }: Stack, workload: string): Readonly<Record<string, string>> {
  const { plain, secret } = cloud === "aws" ? onAws(graph, workload) : onGcp(graph, workload);
  return Object.fromEntries([
    ...plain.map(({ name, value = "" }) => [name, value] as const),
    ...secret.map(({ name }) => [name, SECRET] as const),
  ]);
}

function onAws(graph: Graph, workload: string) {
  const task = named(graph.all("aws:ecs/taskDefinition:TaskDefinition"), workload);
  const containers = JSON.parse(String(task.inputs["containerDefinitions"])) as readonly {
    readonly name: string;
    readonly environment: readonly Env[];
    readonly secrets: readonly Env[];
  }[];
  const { environment = [], secrets = [] } = containers.find(({ name }) => name === workload) ?? {};
  return { plain: environment, secret: secrets };
}

function onGcp(graph: Graph, workload: string) {
  const types = ["service:Service", "workerPool:WorkerPool", "job:Job"].map((type) => `gcp:cloudrunv2/${type}`);
  const one = named(
    types.flatMap((type) => graph.all(type)),
    workload,
  );
  type Template = { readonly containers?: readonly { readonly envs: readonly Env[] }[]; readonly template?: Template };
  const outer = one.inputs["template"] as Template;
  const envs = (outer.template ?? outer).containers?.[0]?.envs ?? [];
  return { plain: envs.filter(({ value }) => value !== undefined), secret: envs.filter((env) => "valueSource" in env) };
}

function named(some: readonly Planned[], workload: string): Planned {
  const one = some.find(({ inputs }) => String(inputs["family"] ?? inputs["name"]).endsWith(`-${workload}`));
  if (one === undefined) throw new RangeError(`There is no ${workload}`);
  return one;
}
