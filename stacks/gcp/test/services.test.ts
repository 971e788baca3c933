import { ENVIRONMENTS } from "@punctual/stack-blueprint";
import type { Graph, Planned } from "@punctual/stack-testkit";
import { expect } from "chai";
import { configOf } from "../src/collector.js";
import { trafficOf } from "../src/traffic.js";
import { at, blueprintIn, JOB, platformIn, SERVICE, settingsIn } from "./support/platform.js";

const workloadOf = ({ inputs }: Planned) => String(inputs["name"]).replace(/^punctual-(dev|staging|production)-/, "");
const services = (graph: Graph) => new Map(graph.all(SERVICE).map((one) => [workloadOf(one), one]));
const each = (graph: Graph, path: string) =>
  Object.fromEntries([...services(graph)].map(([name, one]) => [name, at(one, path)]));

describe("Services on Cloud Run", () => {
  it("take as long, as many at once and as many times as Google's side of them waits for", async () => {
    const graph = await platformIn({ environment: "production" });

    expect(each(graph, "template.timeout")).to.deep.equal({
      ...{ api: "300s", scheduler: "180s", worker: "120s", "dead-letters": "60s" },
    });
    expect(each(graph, "template.maxInstanceRequestConcurrency")).to.deep.equal({
      ...{ api: 80, scheduler: 10, worker: 10, "dead-letters": 10 },
    });
    expect(each(graph, "template.scaling")).to.deep.equal({
      api: { minInstanceCount: 2, maxInstanceCount: 50 },
      scheduler: { minInstanceCount: 0, maxInstanceCount: 1 },
      worker: { minInstanceCount: 0, maxInstanceCount: 100 },
      "dead-letters": { minInstanceCount: 0, maxInstanceCount: 1 },
    });
  });

  it("are as many workers as a small database has connections for", async () => {
    // 25 connections, of which 20 may be had: 6 by the API, 2 each by scheduler, dead letters and a migration.
    expect(each(await platformIn(), "template.scaling")).to.include.deep.keys({ worker: 1 });
    expect(each(await platformIn(), "template.scaling")["worker"]).to.deep.equal({
      minInstanceCount: 0,
      maxInstanceCount: 4,
    });
  });

  it("are entered by their own command, from an image that is named by what is in it", async () => {
    for (const environment of ENVIRONMENTS) {
      const graph = await platformIn({ environment });
      const entries = [...services(graph), ["migrate", graph.one(JOB)] as const];

      for (const [name, one] of entries) {
        const container = name === "migrate" ? "template.template.containers.0" : "template.containers.0";
        expect(at(one, `${container}.commands`), name).to.deep.equal(["node"]);
        expect(at(one, `${container}.args`), name).to.deep.equal([
          "--enable-source-maps",
          `apps/functions/dist/src/gcp/entries/${name}.js`,
        ]);
        expect(at(one, `${container}.image`), name).to.match(/@sha256:[\da-f]{64}$/);
      }
    }
  });

  it("let nobody in but by the load balancer, and to all but the API only from the inside", async () => {
    const inside = "INGRESS_TRAFFIC_INTERNAL_ONLY";
    const others = { scheduler: inside, worker: inside, "dead-letters": inside };

    expect(each(await platformIn({ environment: "production" }), "ingress")).to.deep.equal({
      api: "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
      ...others,
    });
    expect(each(await platformIn(), "ingress")).to.deep.equal({ api: "INGRESS_TRAFFIC_ALL", ...others });
  });

  it("know one audience, the one that callers' tokens are made for", async () => {
    const graph = await platformIn();
    const audience = "punctual-dev-callers";

    expect(each(graph, "customAudiences")).to.deep.equal({
      ...{ api: undefined, scheduler: [audience], worker: [audience], "dead-letters": [audience] },
    });
    expect(at(graph.one("gcp:cloudscheduler/job:Job"), "httpTarget.oidcToken.audience")).to.equal(audience);
  });

  it("have an account each", async () => {
    const graph = await platformIn({ environment: "production" });
    const accounts = [
      ...Object.values(each(graph, "template.serviceAccount")),
      at(graph.one(JOB), "template.template.serviceAccount"),
    ];

    expect(new Set(accounts).size).to.equal(5);
    expect(graph.all("gcp:serviceaccount/account:Account")).to.have.length(6);
    expect(graph.all("gcp:serviceaccount/key:Key")).to.be.empty;
  });

  it("are let through to what is private by the network, and with `egress: all` to receivers, too", async () => {
    const path = "template.vpcAccess.egress";
    const own = { egress: "all" };

    expect(new Set(Object.values(each(await platformIn(), path)))).to.deep.equal(new Set(["PRIVATE_RANGES_ONLY"]));
    expect(each(await platformIn({ own }), path)).to.deep.equal({
      ...{ api: "ALL_TRAFFIC", worker: "ALL_TRAFFIC" },
      ...{ scheduler: "PRIVATE_RANGES_ONLY", "dead-letters": "PRIVATE_RANGES_ONLY" },
    });
  });

  it("have a processor while they are asked something, and are looked after by a path that asks nobody", async () => {
    const graph = await platformIn();

    for (const [name, one] of services(graph)) {
      expect(at(one, "template.executionEnvironment")).to.equal("EXECUTION_ENVIRONMENT_GEN2");
      expect(at(one, "template.containers.0.resources")).to.deep.equal({
        limits: { cpu: "1", memory: "512Mi" },
        // Its ticks linger: there is no time between requests.
        cpuIdle: name !== "scheduler",
        startupCpuBoost: true,
      });
      expect(at(one, "template.containers.0.startupProbe.httpGet.path")).to.equal("/health/live");
      expect(at(one, "template.containers.0.livenessProbe.httpGet.path")).to.equal("/health/live");
      expect(at(one, "template.vpcAccess.networkInterfaces.0.subnetwork")).to.equal("punctual-dev-network-subnet-id");
    }
  });

  it("share one processor with their collector: Cloud Run wants one at least, and bills for all containers alike", async () => {
    for (const [name, one] of services(await platformIn({ environment: "production" }))) {
      const resources = [0, 1].map((index) => at(one, `template.containers.${String(index)}.resources`)) as readonly {
        readonly limits: { readonly cpu: string };
        readonly cpuIdle: boolean;
      }[];

      expect(
        resources.reduce((sum, { limits }) => sum + Number.parseInt(limits.cpu), 0),
        name,
      ).to.equal(1_000);
      expect(new Set(resources.map(({ cpuIdle }) => cpuIdle)), name).to.have.length(1);
    }
  });

  it("resist being deleted where they are precious", async () => {
    const protection = async (environment: "dev" | "production") => {
      const graph = await platformIn({ environment });
      return new Set([...services(graph).values(), graph.one(JOB)].map((one) => at(one, "deletionProtection")));
    };

    expect(await protection("dev")).to.deep.equal(new Set([false]));
    expect(await protection("production")).to.deep.equal(new Set([true]));
  });

  it("begin when they may have what they need", async () => {
    const graph = await platformIn();
    const api = services(graph).get("api");
    const secret = graph.one("gcp:secretmanager/secretIamMember:SecretIamMember", "punctual-dev-grants-api-keys");

    expect(api && graph.dependsOn(api, secret)).to.be.true;
  });

  it("have a collector beside them that is there first, and the job has none", async () => {
    const graph = await platformIn({ environment: "production" });
    const collector = services(graph).get("scheduler");
    if (collector === undefined) throw new Error("there is no scheduler");
    const config = at(collector, "template.containers.1.envs.0.value") as string;

    expect(Object.values(each(graph, "template.containers.0.dependsOns"))).to.deep.equal(
      Array.from({ length: 4 }, () => ["collector"]),
    );
    expect(at(graph.one(JOB), "template.template.containers.1")).to.equal(undefined);
    expect(config).not.to.match(/[^$]\$[^$]/);
    expect((JSON.parse(config) as { service: { pipelines: object } }).service.pipelines).to.have.keys([
      "metrics",
      "traces",
    ]);
  });
});

describe("A migration", () => {
  it("has a quarter of an hour, and is not tried again", async () => {
    const job = (await platformIn()).one(JOB);

    expect(at(job, "template")).to.include({ taskCount: 1, parallelism: 1 });
    expect(at(job, "template.template")).to.include({
      timeout: "900s",
      maxRetries: 0,
      executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
    });
  });
});

describe("The collector", () => {
  const plan = { own: settingsIn("production"), blueprint: blueprintIn("production") };
  const { processors, exporters, service } = configOf(plan);

  it("calls counters as the documents do, and says of which instance they are", () => {
    const statements = processors.transform.metric_statements.flatMap((one) => one.statements);

    expect(statements).to.deep.equal([
      'set(metric.name, Concat([metric.name, "_total"], "")) where metric.is_monotonic == true and not IsMatch(metric.name, "_total$")',
      String.raw`replace_all_patterns(datapoint.attributes, "key", "\\.", "_")`,
    ]);
    expect(processors.resource.attributes).to.deep.include.members([
      { key: "gcp.project_id", value: "acme-punctual-dev", action: "upsert" },
      { key: "service.instance.id", from_attribute: "faas.instance", action: "insert" },
    ]);
  });

  it("knows everything that its pipelines go through", () => {
    for (const { processors: steps, exporters: ends } of Object.values(service.pipelines)) {
      expect(processors).to.include.all.keys(steps);
      expect(exporters).to.include.all.keys(ends);
    }
    expect(exporters.otlphttp.endpoint).to.equal("https://telemetry.googleapis.com");
  });
});

describe("Revisions", () => {
  const release = { stable: "punctual-dev-api-11111111", percent: 10 };
  const revision = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";

  it("are called after what is in them: another variable makes another", async () => {
    const name = async (own?: object) =>
      String(each(await platformIn({ own: { ...own } }), "template.revision")["worker"]);

    expect(await name()).to.match(/^punctual-dev-worker-[\da-f]{8}$/);
    expect(await name({ ackDeadlineSeconds: 300 })).not.to.equal(await name());
    expect(await name({ console: false })).to.equal(await name());
  });

  it("have all of the traffic when they are the first", () => {
    expect(trafficOf("punctual-dev-api-22222222", undefined)).to.deep.equal([
      { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 },
    ]);
  });

  it("have what the release gives them, beside the one that has proven itself", () => {
    expect(trafficOf("punctual-dev-api-22222222", release)).to.deep.equal([
      { type: revision, revision: "punctual-dev-api-11111111", percent: 90 },
      { type: revision, revision: "punctual-dev-api-22222222", percent: 10, tag: "canary" },
    ]);
  });

  it("have all of it again when nothing has changed, or when the release has ended", () => {
    for (const [mine, percent] of [
      ["punctual-dev-api-11111111", 10],
      ["punctual-dev-api-22222222", 100],
    ] as const) {
      expect(trafficOf(mine, { ...release, percent })).to.deep.equal([
        { type: revision, revision: mine, percent: 100 },
      ]);
    }
  });

  it("are given their share by the settings", async () => {
    const stable = "punctual-production-api-11111111";
    const graph = await platformIn({ environment: "production", own: { traffic: { api: { stable, percent: 0 } } } });
    const traffic = each(graph, "traffics");

    expect(traffic["api"]).to.have.length(2);
    expect(traffic["worker"]).to.deep.equal([{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 }]);
  });
});
