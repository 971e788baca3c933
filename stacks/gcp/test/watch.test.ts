import { type EnvironmentName, type ObjectiveId, OBJECTIVES, RUNBOOKS } from "@punctual/stack-blueprint";
import type { Graph, Planned } from "@punctual/stack-testkit";
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { ALARMS } from "../src/watch/alarms.js";
import { OWN, promOf } from "../src/watch/metrics.js";
import { at, blueprintIn, platformIn } from "./support/platform.js";

const POLICY = "gcp:monitoring/alertPolicy:AlertPolicy";

interface Threshold {
  readonly filter: string;
  readonly denominatorFilter?: string;
  readonly comparison: string;
  readonly thresholdValue: number;
  readonly duration: string;
  readonly evaluationMissingData: string;
}

interface Condition {
  readonly displayName: string;
  readonly conditionThreshold?: Threshold;
  readonly conditionAbsent?: { readonly filter: string; readonly duration: string };
  readonly conditionPrometheusQueryLanguage?: {
    readonly query: string;
    readonly duration: string;
    readonly disableMetricValidation: boolean;
  };
}

const policyOf = (graph: Graph, id: ObjectiveId) =>
  graph.one(POLICY, `punctual-${environmentOf(graph)}-watch-alerts-${id}`);
const environmentOf = (graph: Graph) => /punctual-(\w+)-/.exec(graph.all(POLICY)[0]?.name ?? "")?.[1] ?? "";
const conditions = (policy: Planned) => at(policy, "conditions") as readonly Condition[];
const production = async () =>
  platformIn({ environment: "production", raw: { pagerUrl: "https://pager.example.com/1" } });

/** As whom collectors send what they take. */
function marksIn(graph: Graph): readonly string[] {
  return [...graph.all("gcp:cloudrunv2/service:Service"), ...graph.all("gcp:cloudrunv2/workerPool:WorkerPool")].map(
    (one) => {
      const config = JSON.parse(String(at(one, "template.containers.1.envs.0.value")).replaceAll("$$", "$")) as Config;
      return config.processors.resource.attributes.find(({ key }) => key === "service.name")?.value ?? "";
    },
  );
}

interface Config {
  readonly processors: {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value?: string }[] };
  };
}

async function thresholds(id: ObjectiveId): Promise<readonly (readonly [string, number, string])[]> {
  return conditions(policyOf(await production(), id)).flatMap(({ displayName, conditionThreshold: found }) =>
    found === undefined ? [] : [[displayName, found.thresholdValue, found.duration] as const],
  );
}

async function queries(id: ObjectiveId): Promise<readonly (readonly [string, string])[]> {
  return conditions(policyOf(await production(), id)).flatMap(({ conditionPrometheusQueryLanguage: found }) =>
    found === undefined ? [] : [[found.query, found.duration] as const],
  );
}

describe("Alarms on Google Cloud", () => {
  it("are there for every objective that can be missed, and the month's budget is watched by itself", async () => {
    for (const environment of ["dev", "production"] satisfies EnvironmentName[]) {
      for (const scheduler of ["two-stage", "single-stage"]) {
        const graph = await platformIn({ environment, raw: { scheduler } });
        const wanted = blueprintIn(environment, { scheduler }).objectives.map(({ id }) => id);
        const watched = graph.all(POLICY).map((one) => at(one, "userLabels.objective"));

        expect(watched).to.have.members(wanted.filter((id) => id !== "budget"));
        expect(graph.all("gcp:billing/budget:Budget")).to.have.length(1);
      }
    }
    expect(Object.keys(ALARMS)).to.have.members(OBJECTIVES.map(({ id }) => id));
  });

  it("are raised at the objectives' own thresholds", async () => {
    expect(await thresholds("api-errors")).to.deep.equal([
      ["api fails", 0.05, "300s"],
      ["it does not answer", 0.5, "120s"],
    ]);
    expect(await thresholds("function-errors")).to.have.deep.members([
      ["scheduler fails", 0.05, "300s"],
      ["worker fails", 0.05, "300s"],
      ["dead-letters fails", 0.05, "300s"],
      // It fails once, and not for minutes.
      ["migrate fails", 0, "0s"],
    ]);
    // Four fifths of the time that each may take, in milliseconds.
    expect(await thresholds("function-duration")).to.have.deep.members([
      ["scheduler is slow", 144_000, "300s"],
      ["worker is slow", 96_000, "300s"],
      ["dead-letters is slow", 48_000, "300s"],
    ]);
    expect((await thresholds("throttles")).map(([, ...rest]) => rest)).to.deep.equal([
      [0, "60s"],
      [0, "60s"],
      [0, "60s"],
    ]);
    const alone = async (id: ObjectiveId) => (await thresholds(id)).map(([, ...rest]) => rest);
    expect(await alone("queue-depth")).to.deep.equal([[1_000, "600s"]]);
    expect(await alone("queue-age")).to.deep.equal([[300, "300s"]]);
    expect(await alone("dead-letters")).to.deep.equal([[0, "60s"]]);
    expect(await alone("unreadable")).to.deep.equal([[0, "60s"]]);
    expect(await alone("database-cpu")).to.deep.equal([[0.8, "900s"]]);
    expect(await alone("database-connections")).to.deep.equal([[320, "300s"]]);
    expect(await alone("database-storage")).to.deep.equal([[160_000_000_000, "900s"]]);
    expect(await alone("certificate")).to.deep.equal([[30, "3600s"]]);
    expect(await alone("nat")).to.deep.equal([[0, "300s"]]);
  });

  it("ask for what Punctual measures by the objectives' own thresholds", async () => {
    const mine = `job=~"punctual-production-.+"`;

    expect(await queries("oldest-due")).to.deep.equal([
      [`max(punctual_oldest_due_age_seconds{${mine}}) > 300`, "300s"],
    ]);
    expect(await queries("expired-leases")).to.deep.equal([
      [`sum(increase(punctual_claims_lost_total{${mine}}[15m])) > 10`, "0s"],
    ]);
    expect(await queries("troubles")).to.deep.equal([
      [`sum(increase(punctual_troubles_total{${mine}}[15m])) > 5`, "0s"],
    ]);
    expect(await queries("delivery-success")).to.deep.equal([
      [
        `100 * sum(increase(punctual_events_finished_total{${mine}, state="failed"}[15m])) / ` +
          `sum(increase(punctual_events_finished_total{${mine}}[15m])) > 5`,
        "0s",
      ],
    ]);
    expect(await queries("api-latency")).to.deep.equal([
      [
        `1000 * histogram_quantile(0.99, sum by (le) (rate(http_server_request_duration_seconds_bucket` +
          `{job="punctual-production-api", http_route!="/v1/stream"}[5m]))) > 2000`,
        "300s",
      ],
    ]);
  });

  it("see that the scheduler does not beat: it stands still, or is not there", async () => {
    expect(await queries("heartbeat")).to.deep.equal([
      [`time() - max(punctual_heartbeat_timestamp_seconds{job="punctual-production-scheduler"}) > 180`, "0s"],
      [`absent(punctual_heartbeat_timestamp_seconds{job="punctual-production-scheduler"})`, "180s"],
    ]);
  });

  describe("where workers run on", () => {
    const containers = { runtime: "containers" };

    it("are there for every objective that can be missed", async () => {
      for (const environment of ["dev", "production"] satisfies EnvironmentName[]) {
        const graph = await platformIn({ environment, raw: containers });
        const wanted = blueprintIn(environment, containers).objectives.map(({ id }) => id);
        const watched = graph.all(POLICY).map((one) => at(one, "userLabels.objective"));

        expect(watched).to.have.members(wanted.filter((id) => id !== "budget"));
      }
    });

    it("hear the heart of a worker, and see that a migration fails", async () => {
      const graph = await platformIn({ environment: "production", raw: containers });
      const [still, gone] = conditions(policyOf(graph, "heartbeat"));
      const [, migration] = conditions(policyOf(graph, "troubles"));
      const beat = `punctual_heartbeat_timestamp_seconds{job="punctual-production-worker"}`;

      expect(still?.conditionPrometheusQueryLanguage?.query).to.equal(`time() - max(${beat}) > 180`);
      expect(gone?.conditionPrometheusQueryLanguage?.query).to.equal(`absent(${beat})`);
      expect(migration?.conditionThreshold).to.include({ thresholdValue: 0, duration: "0s" });
      expect(migration?.conditionThreshold?.filter).to.contain('job_name = "punctual-production-migrate"');
    });

    it("see that no worker runs, where there is no collector", async () => {
      const [only, ...more] = conditions(policyOf(await platformIn({ raw: containers }), "heartbeat"));

      expect(more).to.be.empty;
      expect(only?.conditionAbsent?.duration).to.equal("180s");
      expect(only?.conditionAbsent?.filter).to.equal(
        'metric.type = "run.googleapis.com/container/billable_instance_time" AND ' +
          'resource.type = "cloud_run_worker_pool" AND resource.label.worker_pool_name = "punctual-dev-worker"',
      );
    });

    it("ask for nothing under a name that nobody has", async () => {
      const graph = await platformIn({ environment: "production", raw: containers });
      const asked = JSON.stringify(graph.all(POLICY).map(conditions));
      const jobs = [...asked.matchAll(/job=\\"([\w-]+)\\"/g)].map(([, job]) => job);

      expect(new Set(jobs)).to.deep.equal(new Set(["punctual-production-api", "punctual-production-worker"]));
      for (const job of new Set(jobs)) expect(marksIn(graph)).to.include(job);
      expect(asked).not.to.match(/scheduler|pubsub|dead-letters/);
    });
  });

  it("see by its requests that the scheduler does not beat, where there is no collector", async () => {
    const [only, ...more] = conditions(policyOf(await platformIn(), "heartbeat"));

    expect(more).to.be.empty;
    expect(only?.conditionAbsent?.duration).to.equal("180s");
    expect(only?.conditionAbsent?.filter).to.equal(
      'metric.type = "run.googleapis.com/request_count" AND resource.type = "cloud_run_revision" AND ' +
        'resource.label.service_name = "punctual-dev-scheduler" AND metric.label.response_code_class = "2xx"',
    );
  });

  it("compare what failed with all there was", async () => {
    const [first] = conditions(policyOf(await production(), "api-errors"));

    expect(first?.conditionThreshold?.filter).to.contain('response_code_class = "5xx"');
    expect(first?.conditionThreshold?.denominatorFilter)
      .to.contain('service_name = "punctual-production-api"')
      .and.not.contain("response_code_class");
  });

  it("say what silence means, and need not have seen what they ask for", async () => {
    for (const policy of (await production()).all(POLICY)) {
      for (const { conditionThreshold, conditionPrometheusQueryLanguage } of conditions(policy)) {
        if (conditionThreshold !== undefined) {
          expect(conditionThreshold.evaluationMissingData).to.equal("EVALUATION_MISSING_DATA_INACTIVE");
        }
        expect(conditionPrometheusQueryLanguage?.disableMetricValidation ?? true).to.be.true;
      }
    }
  });

  it("wake somebody where they page, write to somebody in any case, and end by themselves", async () => {
    const graph = await production();
    const [email, pager] = ["email", "pager"].map((one) => `punctual-production-watch-channels-${one}-id`);

    for (const policy of graph.all(POLICY)) {
      const pages = at(policy, "userLabels.severity") === "page";
      expect(policy.inputs).to.deep.include({
        notificationChannels: pages ? [email, pager] : [email],
        severity: pages ? "CRITICAL" : "WARNING",
        alertStrategy: { autoClose: "1800s" },
      });
      const id = String(at(policy, "userLabels.objective")) as ObjectiveId;
      expect(at(policy, "documentation.content"))
        .to.match(/\w+\.\n\nAbove \d+/)
        .and.include(`docs/runbooks/${RUNBOOKS[id]}.md`);
    }
  });

  it("keep where the pager is a secret, and have none outside production", async () => {
    const pagers = (graph: Graph) =>
      graph
        .all("gcp:monitoring/notificationChannel:NotificationChannel")
        .filter(({ inputs }) => inputs["type"] === "webhook_tokenauth");
    const raw = { pagerUrl: "https://pager.example.com/1" };

    expect(pagers(await production()).map(({ secrets }) => secrets)).to.deep.equal([["labels"]]);
    expect(pagers(await platformIn({ environment: "staging", raw }))).to.be.empty;
  });
});

describe("What Punctual measures", () => {
  it("has the names that docs/configuration.md says", async () => {
    const document = await readFile(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");

    for (const metric of Object.values(OWN)) expect(document).to.contain(`\`${metric}\``);
  });

  it("and what Google does is asked for by PromQL's names", () => {
    expect(promOf("cloudsql.googleapis.com/database/cpu/utilization")).to.equal(
      "cloudsql_googleapis_com:database_cpu_utilization",
    );
  });
});

describe("The budget of a month", () => {
  it("tells by e-mail what is forecast, and what was spent", async () => {
    const budget = (await platformIn({ raw: { monthlyBudgetUsd: 70 } })).one("gcp:billing/budget:Budget");

    expect(at(budget, "amount")).to.deep.equal({ specifiedAmount: { currencyCode: "USD", units: "70" } });
    expect(at(budget, "thresholdRules")).to.deep.equal([
      { thresholdPercent: 0.8, spendBasis: "FORECASTED_SPEND" },
      { thresholdPercent: 1, spendBasis: "CURRENT_SPEND" },
    ]);
    expect(at(budget, "budgetFilter.projects")).to.deep.equal(["projects/111111111111"]);
    expect(at(budget, "allUpdatesRule.monitoringNotificationChannels")).to.deep.equal([
      "punctual-dev-watch-channels-email-id",
    ]);
  });
});

describe("The check from the outside", () => {
  it("asks whether the API is ready, by the name that it has", async () => {
    const checked = async (environment: EnvironmentName) =>
      (await platformIn({ environment })).one("gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig");

    expect(at(await checked("production"), "monitoredResource.labels.host")).to.equal("punctual.example.com");
    expect(at(await checked("dev"), "monitoredResource.labels.host")).to.equal("punctual-dev-api-abc-ew.a.run.app");
    expect(at(await checked("dev"), "httpCheck")).to.deep.equal({
      path: "/health/ready",
      port: 443,
      useSsl: true,
      validateSsl: true,
    });
  });
});

interface Shown {
  readonly displayName: string;
  readonly gridLayout: {
    readonly widgets: readonly {
      readonly title: string;
      readonly xyChart: {
        readonly dataSets: readonly { readonly timeSeriesQuery: { readonly prometheusQuery: string } }[];
      };
    }[];
  };
}

describe("Dashboards on Google Cloud", () => {
  const shown = (graph: Graph) =>
    graph
      .all("gcp:monitoring/dashboard:Dashboard")
      .map(({ inputs }) => JSON.parse(String(inputs["dashboardJson"])) as Shown);
  const queriesIn = ({ gridLayout }: Shown) =>
    gridLayout.widgets.flatMap(({ xyChart }) => xyChart.dataSets.map((one) => one.timeSeriesQuery.prometheusQuery));

  it("show what runs, what comes of it, and what it costs", async () => {
    expect(shown(await platformIn()).map(({ displayName }) => displayName)).to.have.members([
      "punctual-dev: operations",
      "punctual-dev: business",
      "punctual-dev: cost",
    ]);
  });

  it("ask for metrics that there are, with brackets that close", async () => {
    const names = [...Object.values(OWN), "googleapis_com:"];
    for (const query of shown(await platformIn()).flatMap(queriesIn)) {
      expect(
        names.some((name) => query.includes(name)),
        query,
      ).to.be.true;
      for (const [open, close] of ["()", "{}", "[]"]) {
        expect(query.split(open ?? "").length, query).to.equal(query.split(close ?? "").length);
      }
      expect(query).not.to.match(/undefined|\[object/);
    }
  });

  it("show the pool of workers where they run on", async () => {
    const told = shown(await platformIn({ raw: { runtime: "containers" } }))
      .flatMap(queriesIn)
      .filter((query) => query.includes("cloud_run_worker_pool"));

    expect(told).to.have.members([
      'sum(run_googleapis_com:container_instance_count{monitored_resource="cloud_run_worker_pool", worker_pool_name="punctual-dev-worker"})',
      'sum(rate(run_googleapis_com:container_billable_instance_time{monitored_resource="cloud_run_worker_pool", worker_pool_name="punctual-dev-worker"}[5m]))',
    ]);
  });

  it("show no queue where there is none", async () => {
    const graph = await platformIn({ raw: { scheduler: "single-stage" } });

    expect(shown(graph).flatMap(queriesIn).join("\n")).not.to.contain("pubsub");
  });
});
