import { loadTransport, NO_TELEMETRY } from "@punctual/adapter-sdk";
import { machineTime } from "@punctual/adapter-sdk/conformance";
import type { Planned } from "@punctual/stack-testkit";
import { expect } from "chai";
import { ACCESS, NOBODY } from "../src/access.js";
import { NAME, onAws } from "./support/grounds.js";
import { complaintsOf, costOf, ENVIRONMENTS, typesOf } from "./support/recorded.js";

const NODES = "aws:elasticache/replicationGroup:ReplicationGroup";
const USER = "aws:elasticache/user:User";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";

describe("Redis on AWS", () => {
  it("is Valkey with a user, a group of clients, and a secret that holds its URL", async () => {
    const { own } = await onAws("dev");

    expect(typesOf(own)).to.deep.equal({
      ...{ "punctual:aws:Redis": 1, "punctual:aws:RedisGroups": 1, "punctual:aws:RedisUsers": 1 },
      ...{ [GROUP]: 2, [USER]: 2, [NODES]: 1, "random:index/randomPassword:RandomPassword": 2 },
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": 1,
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 1,
      "aws:elasticache/userGroup:UserGroup": 1,
      "aws:elasticache/subnetGroup:SubnetGroup": 1,
      "aws:elasticache/parameterGroup:ParameterGroup": 1,
      "aws:secretsmanager/secret:Secret": 1,
      "aws:secretsmanager/secretVersion:SecretVersion": 1,
      "aws:cloudwatch/metricAlarm:MetricAlarm": 2,
    });
  });

  for (const environment of ENVIRONMENTS) {
    it(`breaks no policy in ${environment}, and costs what is known`, async () => {
      const recorded = await onAws(environment);

      expect(complaintsOf(recorded, { cloud: "aws", environment })).to.deep.equal([]);
      expect(costOf(recorded, "aws", environment)).to.be.within(9, 45);
    });

    it(`registers the same in ${environment} where nothing is known yet`, async () => {
      const [known, unknown] = [await onAws(environment), await onAws(environment, true)];

      expect(typesOf(unknown.own)).to.deep.equal(typesOf(known.own));
    });
  }

  it("is sealed by the platform's keys, drops nothing, and has a standby and copies where they are wanted", async () => {
    const [dev, production] = [await onAws("dev"), await onAws("production")];
    const nodes = production.graph.one(NODES);

    expect(nodes.inputs).to.deep.include({
      ...{ engine: "valkey", nodeType: "cache.t4g.small", numCacheClusters: 2 },
      ...{ automaticFailoverEnabled: true, multiAzEnabled: true, snapshotRetentionLimit: 7 },
      ...{ atRestEncryptionEnabled: true, transitEncryptionEnabled: true, transitEncryptionMode: "required" },
    });
    expect(production.graph.sourcesOf(nodes, "kmsKeyId").map(({ name }) => name)).to.deep.equal(["punctual-data"]);
    expect(production.graph.one("aws:elasticache/parameterGroup:ParameterGroup").inputs["parameters"]).to.deep.equal([
      { name: "maxmemory-policy", value: "noeviction" },
    ]);
    expect(nodes.protect).to.equal(true);
    expect(dev.graph.one(NODES).inputs).to.deep.include({ numCacheClusters: 1, automaticFailoverEnabled: false });
    expect(dev.graph.one(NODES).inputs).not.to.have.property("snapshotRetentionLimit");
  });

  it("is reached by its clients alone, where workloads are", async () => {
    const { graph, own } = await onAws("dev");
    const [way] = own.filter(({ type }) => type.includes("IngressRule"));
    const from = (input: string) => graph.sourcesOf(way as Planned, input).map(({ name }) => name);

    expect(from("securityGroupId")).to.deep.equal(["punctual-transport-groups-nodes"]);
    expect(from("referencedSecurityGroupId")).to.deep.equal(["punctual-transport-groups-clients"]);
    expect(way?.inputs).to.deep.include({ fromPort: 6379, toPort: 6379 });
    expect(graph.sourcesOf(graph.one(NODES), "securityGroupIds").map(({ name }) => name)).to.deep.equal([
      "punctual-transport-groups-nodes",
    ]);
  });

  it("knows one user, who may carry messages, and nobody without a name", async () => {
    const { graph } = await onAws("dev");
    const users = graph.all(USER).map(({ inputs, secrets }) => [inputs["userName"], inputs["accessString"], secrets]);

    expect(users).to.have.deep.members([
      ["punctual", ACCESS, ["authenticationMode"]],
      ["default", NOBODY, ["authenticationMode"]],
    ]);
  });

  it("tells its URL as a secret alone, and the run-time half takes it", async () => {
    const { graph } = await onAws("dev");
    const { inputs, secrets } = graph.one("aws:secretsmanager/secretVersion:SecretVersion");
    const url = String(inputs["secretString"]);

    expect(graph.outputs["variables"]).to.deep.equal({ PUNCTUAL_TRANSPORT: NAME });
    expect(graph.outputs["secrets"]).to.deep.equal({ PUNCTUAL_TRANSPORT_REDIS_URL: inputs["secretId"] });
    expect(secrets).to.include("secretString");
    expect(url).to.match(/^rediss:\/\/punctual:\w{64}@master\.punctual-dev-transport\..+\.cache\.amazonaws\.com:6379$/);
    const context = { clock: machineTime().clock, telemetry: NO_TELEMETRY, keys: [], from: process.cwd() };
    const opened = await loadTransport(NAME, { PUNCTUAL_TRANSPORT_REDIS_URL: url }, context);
    await opened.close();
  });

  it("tells people when it fills, and when it drops something", async () => {
    const { graph } = await onAws("production");
    const alarms = graph.all("aws:cloudwatch/metricAlarm:MetricAlarm");

    expect(alarms.map(({ inputs }) => [inputs["metricName"], inputs["dimensions"]])).to.have.deep.members(
      ["001", "002"].flatMap((node) => {
        const dimensions = { CacheClusterId: `punctual-production-transport-${node}` };
        return [
          ["DatabaseMemoryUsagePercentage", dimensions],
          ["Evictions", dimensions],
        ];
      }),
    );
    for (const one of alarms)
      expect(graph.sourcesOf(one, "alarmActions").map(({ name }) => name)).to.deep.equal(["punctual-alarms"]);
  });
});
