import { ENVIRONMENTS } from "@punctual/stack-blueprint";
import { expect } from "chai";
import { connectionsOf, connectionsWantedBy, memoryOf } from "../src/connections.js";
import { instanceClassOf } from "../src/settings.js";
import { IN_CONTAINERS, planOf } from "./support/plans.js";

describe("The connections of the database", () => {
  it("are as many as its memory allows, of which the proxy has four fifths, and plans four fifths of these", () => {
    const table: readonly (readonly [string, number | undefined, number | undefined])[] = [
      ["db.t4g.micro", 1, 71],
      ["db.t4g.small", 2, 144],
      ["db.t4g.medium", 4, 288],
      ["db.m7g.large", 8, 576],
      ["db.r7g.large", 16, 1_153],
      ["db.r6g.2xlarge", 64, 3_200],
      ["db.m5.24xlarge", 384, 3_200],
      ["db.z9.large", undefined, undefined],
      ["db.t4g.gigantic", undefined, undefined],
      ["t4g.micro", undefined, undefined],
    ];

    for (const [instanceClass, memory, connections] of table) {
      expect(memoryOf(instanceClass), instanceClass).to.equal(memory);
      expect(connectionsOf(instanceClass), instanceClass).to.equal(connections);
    }
  });

  it("suffice for all workloads at their most, in every environment", () => {
    const wanted = ENVIRONMENTS.map((environment) => {
      const { blueprint, own } = planOf({ environment });
      return [connectionsWantedBy(blueprint), connectionsOf(instanceClassOf(own, blueprint.settings))];
    });

    // API, scheduler, worker, dead letters, migrate, health: in production 2 × (25 + 2 + 100 + 2 + 1 + 1).
    expect(wanted).to.deep.equal([
      [28, 71],
      [72, 144],
      [262, 288],
    ]);
  });

  it("are wanted by fewer where the scheduler delivers by itself", () => {
    const single = planOf({ environment: "production", settings: { scheduler: "single-stage" } });

    expect(connectionsWantedBy(single.blueprint)).to.equal(2 * (25 + 2 + 1));
  });

  it("suffice for tasks, twice as many while they are replaced, and for a migration", () => {
    const wanted = ENVIRONMENTS.map((environment) => {
      const { blueprint, own } = planOf({ environment, ...IN_CONTAINERS });
      return [connectionsWantedBy(blueprint), connectionsOf(instanceClassOf(own, blueprint.settings))];
    });

    // Of each task of the API 5, and of each worker 10 and the one that listens: in production 2 × (10 × 5 + 8 × 11) + 3.
    expect(wanted).to.deep.equal([
      [35, 71],
      [111, 144],
      [279, 288],
    ]);
  });
});
