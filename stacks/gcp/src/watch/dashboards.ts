import * as gcp from "@pulumi/gcp";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  jsonStringify,
  type Output,
} from "@pulumi/pulumi";
import type { Objective, ObjectiveId } from "@punctual/stack-blueprint";
import type { Plan } from "../parts.js";
import { chart, type Dashboard, dashboard, type Line } from "./charts.js";
import { GOOGLE, type GoogleMetric, OWN, promOf } from "./metrics.js";
import type { Watched } from "./watched.js";

const MINUTES = "5m";

/** What runs and how well, what comes of it, and what it costs. */
export class GcpDashboards extends ComponentResource {
  readonly ids: readonly Output<string>[];

  constructor(name: string, plan: Plan, watched: Watched, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Dashboards", name, {}, opts);
    const made = {
      operations: operationsOf(plan, watched),
      business: businessOf(plan, watched),
      cost: costOf(plan, watched),
    };
    this.ids = Object.entries(made).map(
      ([part, shown]) =>
        new gcp.monitoring.Dashboard(`${name}-${part}`, { dashboardJson: jsonStringify(shown) }, { parent: this }).id,
    );
    this.registerOutputs({});
  }
}

function operationsOf({ blueprint }: Plan, watched: Watched): Dashboard {
  const { objectives, names } = blueprint;
  const requests = (where: string) => `sum by (service_name) (rate(${ofServices(watched, GOOGLE.requests, where)}))`;
  const failed = requests(`, response_code_class="5xx"`);
  const latencies = ofServices(watched, GOOGLE.latencies, "", "_bucket");
  const p99 = `histogram_quantile(0.99, sum by (le, service_name) (rate(${latencies})))`;
  const instances = ofServices(watched, GOOGLE.instances).replace(`[${MINUTES}]`, "");
  return dashboard(`${names.prefix}: operations`, [
    chart("Requests", "1/s", [line(each("service_name"), requests(""))]),
    chart(
      "Failed",
      "%",
      [line(each("service_name"), `100 * ${failed} / ${requests("")}`)],
      limit(objectives, "api-errors"),
    ),
    chart("Slowest of a hundred", "ms", [line(each("service_name"), p99)]),
    chart("Instances", "1", [
      line(each("service_name"), `sum by (service_name) (${instances})`),
      ...ofPool(watched, GOOGLE.instances, (all) => `sum(${all})`),
    ]),
    ...queueCharts(watched, objectives),
    ...databaseCharts(watched),
  ]);
}

function queueCharts({ queues }: Watched, objectives: readonly Objective[]) {
  const names = Object.values(queues);
  if (names.length === 0) return [];
  const all = `{subscription_id=~"${names.join("|")}"}`;
  return [
    chart(
      "Messages that wait",
      "1",
      [line(each("subscription_id"), promOf(GOOGLE.undelivered) + all)],
      limit(objectives, "queue-depth"),
    ),
    chart(
      "The oldest of them",
      "s",
      [line(each("subscription_id"), promOf(GOOGLE.oldestMessage) + all)],
      limit(objectives, "queue-age"),
    ),
  ];
}

function databaseCharts({ database }: Watched) {
  const of = (metric: GoogleMetric) => interpolate`${promOf(metric)}{database_id="${database.id}"}`;
  return [
    chart("The database's processor", "1", [line("cpu", of(GOOGLE.databaseCpu))]),
    chart(
      "Its connections",
      "1",
      [line("connections", interpolate`sum(${of(GOOGLE.databaseConnections)})`)],
      database.connections,
    ),
    chart("Its size", "By", [line("bytes", of(GOOGLE.databaseBytes))], database.mostBytes),
  ];
}

function businessOf({ blueprint }: Plan, { prefix }: Watched): Dashboard {
  const { objectives, names } = blueprint;
  const all = `{job=~"${prefix}-.+"}`;
  const rate = (metric: string) => `rate(${metric}${all}[${MINUTES}])`;
  const quantile = (share: number, metric: string) =>
    `histogram_quantile(${String(share)}, sum by (le) (${rate(`${metric}_bucket`)}))`;
  return dashboard(`${names.prefix}: business`, [
    chart("How far behind", "s", [line("oldest", `max(${OWN.oldestDue}${all})`)], limit(objectives, "oldest-due")),
    chart("Events", "1", [line("due", `max(${OWN.due}${all})`), line("open", `max(${OWN.open}${all})`)]),
    chart("Events that ended", "1/s", [line(each("state"), `sum by (state) (${rate(OWN.finished)})`)]),
    chart("Lateness", "s", [line("median", quantile(0.5, OWN.lateness)), line("p99", quantile(0.99, OWN.lateness))]),
    chart("Requests to receivers", "1/s", [
      line(each("outcome"), `sum by (outcome) (${rate(`${OWN.attempts}_count`)})`),
    ]),
    chart("Claimed, handed over, lost", "1/s", [
      line("claimed", `sum(${rate(OWN.claimed)})`),
      line("handed over", `sum(${rate(OWN.handedOver)})`),
      line("lost", `sum(${rate(OWN.claimsLost)})`),
    ]),
    chart("Troubles", "1/s", [line(each("where"), `sum by (where) (${rate(OWN.troubles)})`)]),
    chart("Requests to the API", "1/s", [
      line(each("http_route"), `sum by (http_route) (${rate(`${OWN.requests}_count`)})`),
    ]),
  ]);
}

/** What is paid for by use. What it comes to is known to the bill alone. */
function costOf({ blueprint }: Plan, watched: Watched): Dashboard {
  const { names } = blueprint;
  const billable = ofServices(watched, GOOGLE.billable);
  const topics = `{topic_id=~"${Object.values(watched.queues).join("|")}"}`;
  return dashboard(`${names.prefix}: cost`, [
    chart("Instances that are paid for", "1", [
      line(each("service_name"), `sum by (service_name) (rate(${billable}))`),
      ...ofPool(watched, GOOGLE.billable, (all) => `sum(rate(${all}[${MINUTES}]))`),
    ]),
    chart("Requests", "1/s", [
      line(each("service_name"), `sum by (service_name) (rate(${ofServices(watched, GOOGLE.requests)}))`),
    ]),
    ...(Object.keys(watched.queues).length > 0
      ? [chart("Messages", "By/s", [line(each("topic_id"), `rate(${promOf(GOOGLE.sentBytes)}${topics}[${MINUTES}])`)])]
      : []),
    chart("The database's size", "By", [
      line("bytes", interpolate`${promOf(GOOGLE.databaseBytes)}{database_id="${watched.database.id}"}`),
    ]),
    chart("Out through NAT", "By/s", [
      line("bytes", interpolate`sum(rate(${promOf(GOOGLE.natBytes)}{gateway_name="${watched.nat}"}[${MINUTES}]))`),
    ]),
    chart("Logs of the project", "By/s", [line("bytes", `sum(rate(${promOf(GOOGLE.logBytes)}[${MINUTES}]))`)]),
  ]);
}

/** Of all services of this environment. */
function ofServices({ prefix }: Watched, metric: GoogleMetric, where = "", suffix = ""): string {
  return `${promOf(metric)}${suffix}{monitored_resource="cloud_run_revision", service_name=~"${prefix}-.+"${where}}[${MINUTES}]`;
}

/** Of the pool of workers, where there is one. */
function ofPool({ pool }: Watched, metric: GoogleMetric, query: (all: string) => string): readonly Line[] {
  if (pool === undefined) return [];
  return [
    line(pool, query(`${promOf(metric)}{monitored_resource="cloud_run_worker_pool", worker_pool_name="${pool}"}`)),
  ];
}

function line(legend: string, query: Input<string>): Line {
  return { legend, query };
}

/** In a legend: the label's value. */
function each(label: string): string {
  return ["$", "{", label, "}"].join("");
}

function limit(objectives: readonly Objective[], wanted: ObjectiveId): number | undefined {
  return objectives.find(({ id }) => id === wanted)?.above;
}
