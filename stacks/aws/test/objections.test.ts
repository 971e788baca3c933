import { ENVIRONMENTS } from "@punctual/stack-blueprint";
import { expect } from "chai";
import { objectionsToAws } from "../src/objections.js";
import { IN_CONTAINERS, planOf, type Told } from "./support/plans.js";

function objections(told: Told): readonly string[] {
  const { blueprint, own } = planOf(told);
  return objectionsToAws(own, blueprint);
}

describe("What AWS objects to", () => {
  it("is nothing in any environment, as it is usually told", () => {
    for (const environment of ENVIRONMENTS) expect(objections({ environment }), environment).to.be.empty;
  });

  it("is nothing in containers either, whatever was uploaded for functions", () => {
    const nothing = { bucket: "acme-artifacts", keys: {} };
    for (const environment of ENVIRONMENTS) {
      const told = { ...IN_CONTAINERS, environment, own: { ...IN_CONTAINERS.own, artifacts: nothing } };
      expect(objections(told), environment).to.be.empty;
    }
  });

  const jwks = {
    kind: "jwks",
    issuer: "https://accounts.example.com/",
    audience: "punctual",
    jwksUrl: "https://a.example.com/",
  };
  const SMALL = { instanceClass: "db.t4g.small" };
  const uploaded = { bucket: "acme-artifacts", keys: { api: { key: "api.zip", version: "1" } } };
  const cases: readonly (readonly [string, Told, RegExp])[] = [
    ["no way out where receivers are outside", { own: { natGateways: 0 } }, /receivers outside the network/],
    [
      "no way out to the issuer of tokens",
      { own: { natGateways: 0 }, settings: { receivers: "inside", tokens: jwks } },
      /the keys of the issuer/,
    ],
    ["more ways out than zones", { own: { natGateways: 3 } }, /natGateways is 3, and there are 2 zones/],
    ["a worker that SQS does not wait for", { own: { visibilitySeconds: 719 } }, /is 719, .* is 720/],
    [
      "a database that does not bear its workloads",
      { environment: "production", own: { database: SMALL } },
      /bears 144 connections, and workloads may want 262/,
    ],
    ["a database that nobody knows", { own: { database: { instanceClass: "db.z9.huge" } } }, /is not known/],
    [
      "storage that cannot grow",
      { own: { database: { storageGb: 50 } } },
      /mostStorageGb is 50, and it begins with 50/,
    ],
    ["functions that were not uploaded", { own: { artifacts: uploaded } }, /does not say where worker is/],
    [
      "backups that go nowhere",
      { environment: "production", own: { backupRegion: undefined } },
      /backupRegion is needed/,
    ],
    ["backups that stay", { own: { backupRegion: "eu-west-1" } }, /backupRegion is the region itself/],
    ["days that CloudWatch does not know", { settings: { logDays: 10 } }, /logDays is 10/],
    [
      "containers without a name",
      { own: IN_CONTAINERS.own, settings: { runtime: "containers" } },
      /domain is needed where the runtime is containers/,
    ],
    ["containers without images", { settings: IN_CONTAINERS.settings }, /aws.images is needed/],
    [
      "a database that does not bear its tasks",
      { ...IN_CONTAINERS, environment: "production", own: { ...IN_CONTAINERS.own, database: SMALL } },
      /bears 144 connections, and workloads may want 279/,
    ],
  ];
  for (const [what, told, says] of cases) {
    it(`is ${what}`, () => {
      expect(objections(told).join("\n")).to.match(says);
    });
  }

  it("is told of at once", () => {
    expect(objections({ own: { natGateways: 3, visibilitySeconds: 1, backupRegion: "eu-west-1" } })).to.have.length(3);
  });

  it("is no way out where nobody has to get there", () => {
    expect(objections({ own: { natGateways: 0 }, settings: { receivers: "inside" } })).to.be.empty;
  });
});
