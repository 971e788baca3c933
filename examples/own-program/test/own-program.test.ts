import { runtime } from "@pulumi/pulumi";
import { violationsIn } from "@punctual/stack-policy";
import { type Graph, record } from "@punctual/stack-testkit";
import { plan, readProject, readSettings, stackConfig } from "@punctual/stack-testkit/planner";
import { awsWorld } from "@punctual/stack-testkit/worlds";
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import program from "../src/index.js";

const root = resolve(import.meta.dirname, "../..");
const world = awsWorld();
const project = await readProject(root);
const config = stackConfig(project, "dev", await readSettings(project, "dev"));

const recorded = async (): Promise<Graph> =>
  record({ project: project.name, stack: "dev", world }, () => {
    runtime.setAllConfig({ ...config.values });
    return program();
  });

const inPlatform = (graph: Graph, urn: string) => {
  const one = graph.at(urn);
  return one !== undefined && graph.ancestorsOf(one).some(({ type }) => type === "punctual:aws:Platform");
};

describe("A program of another team", () => {
  it("has the platform, and something of its own that is told where the API is", async () => {
    const graph = await recorded();
    const parameter = graph.one("aws:ssm/parameter:Parameter");

    expect(graph.all("punctual:aws:Platform")).to.have.length(1);
    expect(parameter.inputs["insecureValue"])
      .to.equal(graph.outputs["api"])
      .and.match(/^https:\/\//);
    expect(inPlatform(graph, parameter.urn)).to.equal(false);
    expect(graph.ancestorsOf(parameter).map(({ type }) => type)).to.deep.equal(["pulumi:pulumi:Stack"]);
  });

  it("breaks no policy within the platform", async () => {
    const graph = await recorded();
    const found = violationsIn(graph, { cloud: "aws", environment: "dev" });

    expect(found.filter(({ urn }) => inPlatform(graph, urn))).to.deep.equal([]);
  });

  for (const dryRun of [true, false]) {
    it(`is planned without a word ${dryRun ? "where nothing is known yet" : "where all is known"}`, async () => {
      const planned = await plan({ ...project, project: project.name, stack: "dev", config, dryRun, world });

      expect(planned.diagnostics).to.deep.equal([]);
      expect(planned.exitCode).to.equal(0);
      expect(planned.graph.one("aws:ssm/parameter:Parameter").propertyDependencies["insecureValue"]).not.to.equal(
        undefined,
      );
    });
  }

  it("is what docs/stacks.md shows", async () => {
    const document = await readFile(resolve(root, "../../docs/stacks.md"), "utf8");
    const section = document.slice(document.indexOf("## As a component"));
    const [, shown] = /```ts\n(.*?)```/s.exec(section) ?? [];

    expect(shown).to.equal(await readFile(resolve(root, "src/index.ts"), "utf8"));
  });
});
