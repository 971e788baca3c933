import { expect } from "chai";
import { EcsMover, LambdaMover } from "../../src/aws/index.js";
import type { Move } from "../../src/mover.js";
import { Cloud } from "./support/cloud.js";
import { FakeCodeDeploy } from "./support/code-deploy.js";
import { FakeEcs } from "./support/ecs.js";
import { FakeLambda } from "./support/lambda.js";
import { API, definition, WORKER } from "./support/targets.js";

describe("LambdaMover", () => {
  const move: Move = { release: "r-1", target: WORKER, from: "1", to: "2" };
  let cloud: Cloud;
  let lambda: FakeLambda;
  let deployments: FakeCodeDeploy;
  let mover: LambdaMover;
  beforeEach(async () => {
    cloud = await Cloud.start();
    lambda = cloud.add(new FakeLambda());
    deployments = cloud.add(new FakeCodeDeploy(lambda, cloud.now));
    lambda.serve(WORKER.function, WORKER.alias, "1");
    mover = new LambdaMover(cloud.account, cloud.pace);
  });
  afterEach(async () => cloud.stop());

  it("tells how much a version gets by its weight", async () => {
    await mover.begin(move);
    cloud.pass(10_000);
    expect((await mover.standing(WORKER)).shares).to.deep.equal({ 1: 90, 2: 10 });
  });

  it("stops what is under way, and does not wait until it has arrived", async () => {
    await mover.begin(move);
    cloud.pass(10_000);
    const began = cloud.now();
    await mover.back(move);
    expect(cloud.now() - began).to.be.lessThan(20_000);
    expect(deployments.made[0]?.status).to.equal("Stopped");
  });

  it("takes away a weight that no deployment has given", async () => {
    lambda.alias(WORKER.function, WORKER.alias).weights = { 2: 0.25 };
    await mover.back(move);
    expect(lambda.alias(WORKER.function, WORKER.alias)).to.deep.equal({ version: "1", weights: {} });
  });

  it("is not where it had arrived once it was taken back", async () => {
    await mover.begin(move);
    cloud.pass(80_000);
    expect(await mover.progress(move)).to.deep.equal({ kind: "arrived" });
    await mover.back(move);
    expect(await mover.progress(move)).to.deep.equal({ kind: "returned", because: "it was taken back since" });
  });

  it("says which alarm had CodeDeploy go back, whoever looks first", async () => {
    await mover.begin(move);
    cloud.pass(10_000);
    deployments.alarm("punctual-dev-worker-canary");
    cloud.pass(20_000);
    const progress = await new LambdaMover(cloud.account, cloud.pace).progress(move);
    expect(progress)
      .to.have.property("because")
      .that.matches(/Activated alarms: <punctual-dev-worker-canary>/);
  });
});

describe("EcsMover", () => {
  const move: Move = { release: "r-1", target: API, from: definition(1), to: definition(2) };
  let cloud: Cloud;
  let ecs: FakeEcs;
  let mover: EcsMover;
  beforeEach(async () => {
    cloud = await Cloud.start();
    ecs = cloud.add(new FakeEcs(cloud.now));
    ecs.serve(API, "CANARY", definition(1));
    mover = new EcsMover(cloud.account, cloud.pace);
  });
  afterEach(async () => cloud.stop());

  it("tells how much a version gets by traffic, where tasks of both run", async () => {
    await mover.begin(move);
    cloud.pass(10_000);
    expect((await mover.standing(API)).shares).to.deep.equal({ [definition(1)]: 90, [definition(2)]: 10 });
  });

  it("stops what is under way, and does not wait until it has arrived", async () => {
    await mover.begin(move);
    cloud.pass(10_000);
    const began = cloud.now();
    await mover.back(move);
    expect(cloud.now() - began).to.be.lessThan(20_000);
    expect(ecs.made.at(-1)).to.include({ to: definition(2), status: "ROLLBACK_SUCCESSFUL" });
  });

  it("is not where it had arrived once it was taken back", async () => {
    await mover.begin(move);
    cloud.pass(100_000);
    expect(await mover.progress(move)).to.deep.equal({ kind: "arrived" });
    await mover.back(move);
    expect(await mover.progress(move)).to.deep.equal({ kind: "returned", because: "it was taken back since" });
  });

  it("says which alarm had ECS go back", async () => {
    await mover.begin(move);
    cloud.pass(10_000);
    ecs.alarm("punctual-dev-api-release-errors");
    cloud.pass(20_000);
    expect(await mover.progress(move))
      .to.have.property("because")
      .that.matches(/\(punctual-dev-api-release-errors\)/);
  });

  it("does not go back to what is deregistered, and says so", async () => {
    await mover.begin(move);
    cloud.pass(100_000);
    ecs.inactive.add(definition(1));
    const failure: unknown = await mover.back(move).catch((error: unknown) => error);
    expect(failure).to.have.property("message", "TaskDefinition is inactive");
  });
});
