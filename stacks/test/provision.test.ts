import { EMPTY_WORLD, type Graph, record } from "@punctual/stack-testkit";
import { expect } from "chai";
import { CLOUDS } from "../src/clouds.js";
import { configOf } from "../src/config.js";
import { provision } from "../src/provision.js";
import { fake } from "./support/fake/cloud.js";

const clouds = { ...CLOUDS, fake: async () => fake };
const good = {
  environment: "dev",
  alertEmail: "alerts@example.com",
  tokens: { kind: "secret", issuer: "https://accounts.example.com/", audience: "punctual" },
  fake: { place: "here", machines: 3 },
};

/** What it says, and what it has registered before it said so. */
async function refusal(name: string, config: object): Promise<string> {
  let refused = "nothing";
  const graph: Graph = await record({ world: EMPTY_WORLD }, async () => {
    await provision({ project: "punctual", name, config: { ...config } }, clouds).catch((error: unknown) => {
      refused = String(error);
    });
  });
  expect(graph.resources.map(({ type }) => type)).to.deep.equal(["pulumi:pulumi:Stack"]);
  return refused;
}

describe("The program", () => {
  it("provisions the cloud that the stack's name says", async () => {
    const graph = await record({ stack: "fake-dev", world: EMPTY_WORLD }, async () =>
      provision({ project: "punctual", name: "fake-dev", config: good }, clouds),
    );

    expect(graph.all("fake:index/Machine:Machine")).to.have.length(7);
    expect(graph.outputs["api"]).to.equal("https://fake.example.com");
  });

  it("knows no other clouds than those of its list", async () => {
    expect(await refusal("azure-dev", good)).to.contain("a stack is called <aws|gcp|fake>-<dev|staging|production>");
  });

  it("tells all that is wrong in one message, of all and of the cloud's own, before anything is registered", async () => {
    const said = await refusal("fake-production", {
      ...good,
      corsOrigins: ["*"],
      fake: { machines: 0 },
      colour: "red",
    });

    expect(said).to.contain("fake-production cannot be planned:");
    for (const part of ["colour is no setting", "fake.place", "fake.machines"]) expect(said).to.contain(part);
    expect(said).to.contain("environment is dev");
  });

  it("tells of a real cloud all that is wrong, too, though it was not even told the account", async () => {
    const own = { natGateways: 0, visibilitySeconds: 100, region: "eu-west-1" };
    const said = await refusal("aws-staging", { ...good, fake: "", domain: "a.example.com", aws: own });

    expect(said).not.to.contain("fake.");
    for (const part of [
      "fake is no setting",
      "environment is dev, and the stack is one of staging",
      "domain is a.example.com, and zone does not say",
      "aws.accountId",
      "aws.natGateways is 0, and receivers outside",
      "aws.visibilitySeconds is 100, and six times",
    ]) {
      expect(said).to.contain(part);
    }
  });

  it("tells what contradicts itself: the name, the settings, and what the cloud objects to", async () => {
    expect(await refusal("fake-production", { ...good, corsOrigins: ["*"] })).to.match(
      /environment is dev, and the stack is one of production/,
    );
    const config = { ...good, environment: "production", fake: { place: "here", machines: 2 } };
    expect(await refusal("fake-production", config)).to.contain("fake.machines is 2, and there are 3 zones");
  });
});

describe("A transport that is named", () => {
  const containers = { ...good, runtime: "containers" };

  it("is told with all else that is wrong, before anything is registered", async () => {
    const said = await refusal("fake-dev", { ...containers, transport: "@acme/nowhere", fake: { machines: 0 } });

    for (const part of ["fake.place", "transport is @acme/nowhere, and no package of that name"])
      expect(said).to.contain(part);
    expect(await refusal("fake-production", { ...containers, environment: "production", transport: "@acme/nowhere" }))
      .to.contain("transport is @acme/nowhere")
      .and.not.contain("fake.machines");
    const few = {
      ...containers,
      environment: "production",
      transport: "@acme/nowhere",
      fake: { place: "", machines: 1 },
    };
    expect(await refusal("fake-production", few))
      .to.contain("transport is @acme/nowhere")
      .and.contain("fake.machines is 1");
  });

  it("is refused where functions run", async () => {
    expect(await refusal("fake-dev", { ...good, transport: "@punctual/adapter-redis" })).to.contain(
      "transport is @punctual/adapter-redis, and runtime is serverless",
    );
  });

  it("is refused on a cloud for which it brings nothing", async () => {
    expect(await refusal("fake-dev", { ...containers, transport: "@punctual/adapter-redis" })).to.contain(
      "it is made on aws and gcp alone, not on fake",
    );
  });
});

describe("A stack's configuration", () => {
  it("is read as the texts and the JSON that Pulumi keeps", () => {
    const all = {
      "punctual:environment": "dev",
      "punctual:corsOrigins": `["https://a.example.com"]`,
      "punctual:monthlyBudgetUsd": "100",
      "punctual:allow": "[not json",
      "aws:region": "eu-west-1",
    };

    expect(configOf("punctual", all)).to.deep.equal({
      environment: "dev",
      corsOrigins: ["https://a.example.com"],
      monthlyBudgetUsd: 100,
      allow: "[not json",
    });
  });
});
