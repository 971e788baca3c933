import * as aws from "@pulumi/aws";
import { OBJECTIVES, type ObjectiveId, objectivesOf, RUNBOOKS, type Runtime } from "@punctual/stack-blueprint";
import type { Graph, Planned } from "@punctual/stack-testkit";
import { output } from "@pulumi/pulumi";
import { expect } from "chai";
import type { FrontDoor } from "../../src/parts.js";
import { Notifications } from "../../src/watch/notifications.js";
import { AwsWatch } from "../../src/watch/watch.js";
import { strangerIn, type Seen } from "../support/known-metric.js";
import { json, partsOf, planFor, planned, remembered } from "../support/parts.js";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const DASHBOARD = "aws:cloudwatch/dashboard:Dashboard";

const DOORS: Readonly<Record<Runtime, FrontDoor["metrics"]>> = {
  serverless: { namespace: "AWS/ApiGateway", dimensions: { ApiName: "punctual-api", Stage: "live" } },
  containers: { namespace: "AWS/ApplicationELB", dimensions: { LoadBalancer: "app/punctual/1" } },
};

const made = remembered(async (environment: "dev" | "production", raw: object = {}) => {
  const plan = planFor(environment, raw as never);
  const graphs = await planned(() => {
    const { domain } = plan.blueprint.settings;
    const frontDoor: FrontDoor = {
      url: output("https://punctual.example.com"),
      metrics: DOORS[plan.blueprint.settings.shape.runtime],
      certificate: domain === undefined ? undefined : new aws.acm.Certificate("certificate", { domainName: domain }),
    };
    const { keys, ...parts } = partsOf(plan);
    const notifications = new Notifications("punctual-notifications", { plan, keys });
    const watch = new AwsWatch("punctual-watch", { plan, frontDoor, notifications, ...parts });
    return { dashboards: watch.dashboards };
  });
  return { ...graphs, plan };
});

type Query = aws.types.output.cloudwatch.MetricAlarmMetricQuery;

/** What an alarm looks at, alone or in a formula. */
function seenBy({ inputs }: Planned): readonly Seen[] {
  const queries = (inputs["metricQueries"] ?? []) as readonly Query[];
  if (queries.length === 0) {
    const { namespace, metricName, dimensions } = inputs;
    return [{ namespace: String(namespace), name: String(metricName), dimensions: dimensions as Seen["dimensions"] }];
  }
  return queries.flatMap(({ metric }) =>
    metric === undefined
      ? []
      : [{ namespace: metric.namespace ?? "", name: metric.metricName, dimensions: metric.dimensions ?? {} }],
  );
}

function formulaOf({ inputs }: Planned): string {
  return ((inputs["metricQueries"] ?? []) as readonly Query[]).map(({ expression }) => expression ?? "").join("");
}

const objectiveOf = ({ inputs }: Planned) => (inputs["tags"] as Readonly<Record<string, ObjectiveId>>)["objective"];

function alarmFor(graph: Graph, id: string): Planned {
  return graph.one(ALARM, `punctual-watch-alarms-${id}`);
}

describe("The watch", () => {
  it("registers the same where nothing is known yet", async () => {
    for (const environment of ["dev", "production"] as const) {
      const { graph, unknown } = await made(environment);
      expect(unknown.types()).to.deep.equal(graph.types());
    }
  });

  it("watches every objective that can be missed, in each shape", async () => {
    for (const raw of [{}, { scheduler: "single-stage" }, { runtime: "containers" }]) {
      const { graph, plan } = await made("production", raw);
      const watched = [...graph.all(ALARM), ...graph.all("aws:budgets/budget:Budget")].map(objectiveOf);
      const wanted = objectivesOf(plan.blueprint.settings.shape, { named: true }).map(({ id }) => id);
      expect([...new Set(watched)]).to.have.members(wanted);
    }
  });

  it("alarms on what is measured, by dimensions by which it is", async () => {
    for (const raw of [{}, { scheduler: "single-stage" }, { runtime: "containers" }]) {
      const { graph } = await made("production", raw);
      const strangers = graph.all(ALARM).flatMap((one) => seenBy(one).map(strangerIn));
      expect(strangers.filter((one) => one !== null)).to.be.empty;
    }
  });

  it("says where it is written what to do", async () => {
    const written = new Map(
      OBJECTIVES.map((one) => [one.id, `${one.says} What to do: docs/runbooks/${RUNBOOKS[one.id]}.md`]),
    );
    for (const raw of [{}, { runtime: "containers" }]) {
      const { graph } = await made("production", raw);
      for (const one of graph.all(ALARM)) {
        const id = objectiveOf(one);
        if (id !== undefined) expect(one.inputs["alarmDescription"], one.name).to.equal(written.get(id));
      }
    }
  });

  it("tells of beginning and end, and says what silence is", async () => {
    const { graph } = await made("production");

    for (const { name, inputs } of graph.all(ALARM)) {
      expect(inputs["alarmActions"], name).to.deep.equal(inputs["okActions"]).and.not.be.empty;
      expect(inputs["treatMissingData"], name).to.equal(name.endsWith("-heartbeat") ? "breaching" : "notBreaching");
    }
  });

  it("wakes for what must not wait, where there is a pager", async () => {
    const topic = (part: string) => `arn:aws:sns/topic:Topic:punctual-notifications-${part}`;
    const { graph } = await made("production");
    const severities = new Map(OBJECTIVES.map(({ id, severity }) => [id, severity]));

    for (const one of graph.all(ALARM)) {
      const page = severities.get(objectiveOf(one) ?? "budget") === "page";
      const whom = page ? [topic("alerts"), topic("pages")] : [topic("alerts")];
      expect(one.inputs["alarmActions"], one.name).to.deep.equal(whom);
    }
    const dev = (await made("dev")).graph;
    expect(dev.all(ALARM).flatMap(({ inputs }) => inputs["alarmActions"])).to.satisfy((all: unknown[]) =>
      all.every((one) => one === topic("alerts")),
    );
  });

  it("has an alarm for each function, queue and gateway", async () => {
    const { graph } = await made("production");
    const parts = (id: string) =>
      graph
        .all(ALARM)
        .filter((one) => objectiveOf(one) === id)
        .map(({ name }) => name.replace(`punctual-watch-alarms-${id}-`, ""));
    const functions = ["api", "authorizer", "scheduler", "worker", "dead-letters", "migrate", "health"];

    for (const id of ["function-errors", "function-duration"]) expect(parts(id), id).to.have.members(functions);
    // A tick that finds the one before at work is turned away: that is no news.
    expect(parts("throttles")).to.have.members(functions.filter((one) => one !== "scheduler"));
    expect(parts("nat")).to.have.members(["0", "1"]);
  });

  const WINDOWS: readonly (readonly [
    id: string,
    comparison: string,
    threshold: number,
    period: number,
    times: number,
  ])[] = [
    ["api-errors", "GreaterThanThreshold", 5, 60, 5],
    ["api-latency", "GreaterThanThreshold", 2_000, 60, 5],
    ["function-errors-worker", "GreaterThanThreshold", 5, 60, 5],
    ["function-duration-worker", "GreaterThanThreshold", 96_000, 60, 5],
    ["throttles-worker", "GreaterThanThreshold", 0, 60, 1],
    ["heartbeat", "LessThanThreshold", 1, 60, 3],
    ["oldest-due", "GreaterThanThreshold", 300_000, 60, 5],
    ["expired-leases", "GreaterThanThreshold", 10, 900, 1],
    ["delivery-success", "GreaterThanThreshold", 5, 900, 1],
    ["troubles", "GreaterThanThreshold", 5, 900, 1],
    ["queue-depth", "GreaterThanThreshold", 1_000, 60, 10],
    ["queue-age", "GreaterThanThreshold", 300, 60, 5],
    ["dead-letters", "GreaterThanThreshold", 0, 60, 1],
    ["unreadable", "GreaterThanThreshold", 0, 60, 1],
    ["database-cpu", "GreaterThanThreshold", 80, 60, 15],
    ["database-connections", "GreaterThanThreshold", 80, 60, 5],
    ["database-storage", "GreaterThanThreshold", 80, 60, 15],
    ["certificate", "LessThanThreshold", 30, 86_400, 1],
    ["nat-0", "GreaterThanThreshold", 0, 300, 1],
  ];
  for (const [id, comparison, threshold, period, times] of WINDOWS) {
    it(`sees ${id} at ${String(threshold)} for ${String(times)} times ${String(period)} s`, async () => {
      const alarm = alarmFor((await made("production")).graph, id);
      const queries = (alarm.inputs["metricQueries"] ?? []) as readonly Query[];
      const periods = queries.flatMap(({ metric }) => metric?.period ?? []);

      expect(alarm.inputs).to.deep.include({
        comparisonOperator: comparison,
        threshold,
        evaluationPeriods: times,
        datapointsToAlarm: times,
      });
      expect(new Set([...periods, ...(periods.length === 0 ? [alarm.inputs["period"]] : [])])).to.deep.equal(
        new Set([period]),
      );
    });
  }

  it("counts failures by the hundred, and nothing of nothing as none", async () => {
    const { graph } = await made("production");

    for (const id of ["api-errors", "function-errors-api", "database-connections"]) {
      expect(formulaOf(alarmFor(graph, id)), id).to.equal(
        "IF((FILL(whole0, 0)) > 0, 100 * (FILL(part0, 0)) / (FILL(whole0, 0)), 0)",
      );
    }
    expect(formulaOf(alarmFor(graph, "delivery-success"))).to.equal(
      "IF((FILL(whole0, 0) + FILL(whole1, 0)) > 0, 100 * (FILL(part0, 0) + FILL(part1, 0)) / (FILL(whole0, 0) + FILL(whole1, 0)), 0)",
    );
    expect(formulaOf(alarmFor(graph, "database-storage"))).to.equal("100 - 100 * free / (20 * 1073741824)");
  });

  it("counts connections at the instance where there is no proxy, of all that its class has", async () => {
    const { graph } = await made("production", { runtime: "containers" });

    // Of 450 four fifths.
    expect(alarmFor(graph, "database-connections").inputs).to.deep.include({
      namespace: "AWS/RDS",
      metricName: "DatabaseConnections",
      dimensions: { DBInstanceIdentifier: "punctual-production-database" },
      statistic: "Maximum",
      threshold: 360,
    });
  });

  it("counts at a load balancer those requests, too, for which there was nobody, and its seconds as seconds", async () => {
    const { graph } = await made("production", { runtime: "containers" });
    const alarm = alarmFor(graph, "api-errors");

    expect(seenBy(alarm).map(({ name }) => name)).to.deep.equal([
      "HTTPCode_Target_5XX_Count",
      "HTTPCode_ELB_5XX_Count",
      "RequestCount",
      "HTTPCode_ELB_5XX_Count",
    ]);
    expect(alarmFor(graph, "api-latency").inputs).to.deep.include({
      metricName: "TargetResponseTime",
      extendedStatistic: "p99",
      threshold: 2,
    });
  });

  it("counts the ends of events where they are noted, by their state", async () => {
    const { graph } = await made("production");
    const seen = seenBy(alarmFor(graph, "delivery-success")).map(({ dimensions }) => dimensions);

    expect(seen).to.have.deep.members(
      ["punctual-production-worker", "punctual-production-dead-letters"].flatMap((FunctionName) => [
        { Service: "punctual", FunctionName, State: "failed" },
        { Service: "punctual", FunctionName },
      ]),
    );
    const single = (await made("production", { scheduler: "single-stage" })).graph;
    expect(seenBy(alarmFor(single, "delivery-success")).map(({ dimensions }) => dimensions["FunctionName"])).to.include(
      "punctual-production-scheduler",
    );
  });

  it("knows tasks by their service, and asks of them what runs on alone", async () => {
    const { graph } = await made("production", { runtime: "containers" });
    const services = (id: string) => seenBy(alarmFor(graph, id)).map(({ dimensions }) => dimensions["Service"]);

    for (const id of ["heartbeat", "oldest-due", "expired-leases"]) {
      expect(services(id), id).to.deep.equal(["punctual-production-worker"]);
    }
    expect(services("troubles")).to.deep.equal(["punctual-production-api", "punctual-production-worker"]);
    expect(seenBy(alarmFor(graph, "delivery-success")).map(({ dimensions }) => dimensions)).to.have.deep.members([
      { Service: "punctual-production-worker", State: "failed" },
      { Service: "punctual-production-worker" },
    ]);
  });

  it("looks at the queue that each objective is of", async () => {
    const { graph } = await made("production");
    const queue = (id: string) => seenBy(alarmFor(graph, id))[0]?.dimensions["QueueName"];

    expect(["queue-depth", "queue-age", "dead-letters", "unreadable"].map(queue)).to.deep.equal([
      "punctual-production-events",
      "punctual-production-events",
      "punctual-production-dead-letters",
      "punctual-production-unreadable",
    ]);
  });
});

describe("Notifications", () => {
  it("are sealed, come from alarms of this account, and by TLS", async () => {
    const { graph } = await made("production");

    for (const topic of graph.all("aws:sns/topic:Topic")) {
      expect(topic.inputs["kmsMasterKeyId"]).to.equal("arn:aws:kms/key:Key:key-2");
      const policy = json(graph.one("aws:sns/topicPolicy:TopicPolicy", `${topic.name}-policy`).inputs["policy"]);
      expect(policy).to.have.nested.property("Statement[0].Principal.Service", "cloudwatch.amazonaws.com");
      expect(policy).to.have.nested.property("Statement[0].Condition.StringEquals.aws:SourceAccount", "111111111111");
      expect(policy).to.have.nested.property("Statement[1].Effect", "Deny");
      expect(policy).to.have.nested.property("Statement[1].Condition.Bool.aws:SecureTransport", "false");
    }
  });

  it("go out by mail, and in production to a pager whose address is a secret", async () => {
    const { graph } = await made("production");
    const pager = graph.one("aws:sns/topicSubscription:TopicSubscription", "punctual-notifications-pager");

    expect(pager.inputs).to.deep.include({ protocol: "https", endpoint: "https://pager.example.com/acme" });
    expect(pager.secrets).to.deep.equal(["endpoint"]);
    const subscriptions = (await made("dev")).graph.all("aws:sns/topicSubscription:TopicSubscription");
    expect(subscriptions.map(({ inputs }) => [inputs["protocol"], inputs["endpoint"]])).to.deep.equal([
      ["email", "alerts@example.com"],
    ]);
  });

  it("have no pager where none is named", async () => {
    const { graph } = await made("production", { pagerUrl: "" });

    expect(graph.all("aws:sns/topic:Topic")).to.have.length(1);
  });
});

describe("The budget", () => {
  it("is of this environment, and told of at four fifths to come and when it is spent", async () => {
    const { graph } = await made("production");
    const budget = graph.one("aws:budgets/budget:Budget");

    expect(budget.inputs).to.deep.include({
      limitAmount: "500",
      limitUnit: "USD",
      timeUnit: "MONTHLY",
      costFilters: [{ name: "TagKeyValue", values: ["user:environment$production"] }],
      tags: { objective: "budget" },
    });
    const told = budget.inputs["notifications"] as readonly aws.types.output.budgets.BudgetNotification[];
    expect(told.map(({ notificationType, threshold }) => [notificationType, threshold])).to.deep.equal([
      ["FORECASTED", 80],
      ["ACTUAL", 100],
    ]);
    for (const one of told) expect(one.subscriberEmailAddresses).to.deep.equal(["alerts@example.com"]);
  });

  it("is what the settings say, where they do", async () => {
    const { graph } = await made("dev", { monthlyBudgetUsd: 42 });

    expect(graph.one("aws:budgets/budget:Budget").inputs["limitAmount"]).to.equal("42");
  });
});

interface DashboardWidget {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly type: string;
  readonly properties: {
    readonly title: string;
    readonly region?: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly unknown[])[];
  };
}

const widgetsOf = (graph: Graph, what: string) =>
  json(graph.one(DASHBOARD, `punctual-watch-dashboards-${what}`).inputs["dashboardBody"])[
    "widgets"
  ] as readonly DashboardWidget[];

function seenIn({ properties: { metrics = [] } }: DashboardWidget): readonly Seen[] {
  return metrics.map(([namespace, name, ...rest]) => {
    const pairs = rest.slice(0, -1);
    const dimensions = Object.fromEntries(
      Array.from({ length: pairs.length / 2 }, (_, at) => [String(pairs[2 * at]), pairs[2 * at + 1]]),
    );
    return { namespace: String(namespace), name: String(name), dimensions };
  });
}

describe("Dashboards", () => {
  const ALL = ["operations", "business", "cost"];

  it("are three, with addresses to open them by", async () => {
    const { graph } = await made("production");

    expect(graph.all(DASHBOARD).map(({ inputs }) => inputs["dashboardName"])).to.have.members(
      ALL.map((one) => `punctual-production-${one}`),
    );
    expect(graph.outputs["dashboards"]).to.include(
      "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/punctual-production-operations",
    );
  });

  it("show what is measured, by dimensions by which it is, in each shape", async () => {
    for (const raw of [{}, { scheduler: "single-stage" }, { runtime: "containers" }]) {
      const { graph } = await made("production", raw);
      const seen = ALL.flatMap((one) => widgetsOf(graph, one)).flatMap(seenIn);
      expect(seen.map(strangerIn).filter((one) => one !== null)).to.be.empty;
      expect(seen).to.have.length.above(50);
    }
  });

  it("say of each widget what it is, with something in it, beside the others and not upon them", async () => {
    const graphs = [await made("production"), await made("production", { runtime: "containers" })];

    for (const widgets of graphs.flatMap(({ graph }) => ALL.map((what) => widgetsOf(graph, what)))) {
      expect(new Set(widgets.map(({ x, y }) => `${String(x)} ${String(y)}`)).size).to.equal(widgets.length);
      expect(new Set(widgets.map(({ properties }) => properties.title)).size).to.equal(widgets.length);
      for (const { x, width, properties } of widgets) {
        expect(x + width).to.be.at.most(24);
        expect((properties.metrics ?? properties.alarms ?? []).length, properties.title).to.be.above(0);
      }
    }
  });

  it("show how every alarm stands", async () => {
    const { graph } = await made("production");
    const [lamps] = widgetsOf(graph, "operations");

    expect(lamps?.type).to.equal("alarm");
    expect(lamps?.properties.alarms).to.have.members(graph.all(ALARM).map(({ name }) => `arn:${ALARM}:${name}`));
  });

  it("ask for bills where they are, and for all else here", async () => {
    const { graph } = await made("production");

    for (const widget of ALL.flatMap((one) => widgetsOf(graph, one)).filter(({ type }) => type === "metric")) {
      const bills = seenIn(widget).some(({ namespace }) => namespace === "AWS/Billing");
      expect(widget.properties.region, widget.properties.title).to.equal(bills ? "us-east-1" : "eu-west-1");
    }
  });
});

describe("Tracing", () => {
  it("follows one request of twenty, of this environment alone", async () => {
    const { graph } = await made("production");

    expect(graph.one("aws:xray/samplingRule:SamplingRule").inputs).to.deep.include({
      ruleName: "punctual-production-sample",
      fixedRate: 0.05,
      reservoirSize: 1,
      serviceName: "punctual-production-*",
    });
    expect(graph.one("aws:xray/group:Group").inputs["filterExpression"]).to.equal(
      `service("punctual-production-api/live") { fault = true OR responsetime > 2 }`,
    );
  });

  it("is for collectors to say where there are no functions", async () => {
    const { graph } = await made("production", { runtime: "containers" });

    expect(graph.all("aws:xray/samplingRule:SamplingRule")).to.be.empty;
  });
});
