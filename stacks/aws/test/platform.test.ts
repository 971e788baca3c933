import { ENVIRONMENTS } from "@punctual/stack-blueprint";
import { RELEASE_TAG } from "@punctual/stack-release/aws";
import { type Graph, record } from "@punctual/stack-testkit";
import { expect } from "chai";
import { aws } from "../src/cloud.js";
import { IN_CONTAINERS, planOf, type Told } from "./support/plans.js";
import { platformOf } from "./support/platform.js";
import { AWS } from "./support/world.js";

/** What a resource is made by: the name of its provider. */
function providersIn(graph: Graph): Readonly<Record<string, string>> {
  const custom = graph.resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:"));
  return Object.fromEntries(
    custom.map(({ name, provider }) => [name, /::([^:]+)::[^:]*$/.exec(provider ?? "")?.[1] ?? "none"]),
  );
}

async function provisioned(told: Told): Promise<Graph> {
  const { blueprint, own } = planOf(told);
  return record({ world: AWS }, () => aws.provision(own, blueprint));
}

const BALANCER = "aws:lb/loadBalancer:LoadBalancer";

/** Certificates, firewalls and logs of CloudFront are in one region for all the world. */
const AT_THE_EDGE = /-console-(?:certificate-|firewall-|log-(?:delivery|destination|source)$)/;

function madeBy(name: string): string {
  if (name.endsWith("-bytes")) return "random";
  if (AT_THE_EDGE.test(name)) return "aws-edge";
  return /copies|elsewhere|replication/.test(name) ? "aws-backups" : "aws";
}

describe("The platform", () => {
  for (const environment of ENVIRONMENTS) {
    it(`is above everything in ${environment}, and everything is made by the provider of its place`, async () => {
      const graph = await platformOf({ environment });
      const platform = graph.one("punctual:aws:Platform");
      const alone = graph.resources.filter(
        (one) => !one.type.startsWith("pulumi:") && one !== platform && !graph.ancestorsOf(one).includes(platform),
      );
      expect(alone.map(({ name }) => name)).to.be.empty;

      for (const [name, provider] of Object.entries(providersIn(graph))) {
        expect(provider, name).to.equal(`punctual-${environment}-${madeBy(name)}`);
      }
    });
  }

  it("is made in one account, and marked as what it is", async () => {
    const graph = await platformOf({ environment: "production" });
    const regions = graph.all("pulumi:providers:aws").map(({ name, inputs }) => [name, inputs["region"]]);

    expect(regions).to.have.deep.members([
      ["punctual-production-aws", "eu-west-1"],
      ["punctual-production-aws-edge", "us-east-1"],
      ["punctual-production-aws-backups", "eu-central-1"],
    ]);
    for (const { inputs } of graph.all("pulumi:providers:aws")) {
      expect(JSON.parse(inputs["allowedAccountIds"] as string)).to.deep.equal(["111111111111"]);
      expect(JSON.parse(inputs["defaultTags"] as string)).to.deep.equal({
        tags: planOf({ environment: "production" }).blueprint.tags,
      });
      expect(JSON.parse(inputs["ignoreTags"] as string)).to.deep.equal({ keys: [RELEASE_TAG] });
    }
  });

  it("copies backups to another region in production alone", async () => {
    for (const environment of ENVIRONMENTS) {
      const { resources } = await platformOf({ environment });
      const copied = resources.some(({ type }) => type === "punctual:aws:Backups");
      expect(copied, environment).to.equal(environment === "production");
    }
  });

  it("says where its queues are", async () => {
    const { outputs } = await provisioned({});

    expect(outputs["queues"]).to.deep.equal(
      Object.fromEntries(
        ["events", "dead-letters", "unreadable"].map((name) => [
          name,
          `https://sqs.eu-west-1.amazonaws.com/111111111111/punctual-dev-${name}`,
        ]),
      ),
    );
  });

  it("runs as functions or in containers, and never as both", async () => {
    const [functions, containers] = [await platformOf({}), await platformOf(IN_CONTAINERS)];
    const ran = (graph: Graph) =>
      ["aws:lambda/function:Function", "aws:apigateway/restApi:RestApi", "aws:ecs/service:Service", BALANCER].map(
        (type) => graph.all(type).length,
      );

    expect(ran(functions)).to.deep.equal([7, 1, 0, 0]);
    expect(ran(containers)).to.deep.equal([0, 0, 2, 1]);
  });

  it("has a firewall before its load balancer outside dev", async () => {
    const before = async (environment: "dev" | "staging") => {
      const graph = await platformOf({ ...IN_CONTAINERS, environment });
      return graph
        .all("aws:wafv2/webAclAssociation:WebAclAssociation")
        .flatMap((one) => graph.sourcesOf(one, "resourceArn").map(({ type }) => type));
    };

    expect(await before("dev")).to.be.empty;
    expect(await before("staging")).to.deep.equal([BALANCER]);
  });

  it("tells whoever is told of alarms when a deployment of containers was taken back", async () => {
    const graph = await platformOf({ ...IN_CONTAINERS, environment: "production" });
    const alarms = graph.all("aws:cloudwatch/metricAlarm:MetricAlarm").filter(({ name }) => /-release-/.test(name));
    const told = alarms.map((one) => graph.sourcesOf(one, "alarmActions").map(({ name }) => name));

    expect(told).to.deep.equal(Array.from({ length: 4 }, () => ["punctual-notifications-alerts"]));
  });

  it("says how its containers are released, and their tables migrated", async () => {
    const { outputs } = await provisioned(IN_CONTAINERS);

    expect(outputs["api"]).to.equal("https://punctual.example.com");
    expect(outputs["releases"]).to.have.deep.members(
      ["api", "worker"].map((workload) => ({
        workload,
        kind: "ecs",
        cluster: "punctual-dev",
        service: `punctual-dev-${workload}`,
        version: `arn:aws:ecs:eu-west-1:111111111111:task-definition/punctual-dev-${workload}:1`,
      })),
    );
    expect(outputs["migration"]).to.have.all.keys("cluster", "taskDefinition", "subnets", "securityGroups");
    expect(outputs["databaseRoles"]).to.contain('GRANT rds_iam TO "punctual_worker";');
    expect((await provisioned({})).outputs).not.to.have.any.keys("migration", "databaseRoles");
  });

  it("is the same through the cloud that the program knows", async () => {
    const names = (graph: Graph) => graph.resources.map(({ name }) => name.replace(/^punctual-dev/, "punctual"));

    expect(names(await provisioned({}))).to.have.members(
      names(await platformOf({})).map((name) => name.replace(/^punctual-dev/, "punctual")),
    );
  });
});
