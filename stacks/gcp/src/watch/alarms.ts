import type { Objective, ObjectiveId, QueueName } from "@punctual/stack-blueprint";
import { above, absent, asked, below, type Condition, type Seen } from "./conditions.js";
import { GOOGLE, OWN } from "./metrics.js";
import type { Watched, WatchedService } from "./watched.js";

type Conditions = (objective: Objective, watched: Watched) => readonly Condition[];

/** A stream lasts until its request ends, so how long it took says nothing. */
const STREAM = "/v1/stream";
const BUDGET = "a budget of the account's";

/**
 * By which metric each objective is seen to be missed. One of them Google watches by itself, and tells the same channels.
 * Where any condition holds, the alarm is raised.
 */
export const ALARMS: Readonly<Record<ObjectiveId, Conditions | typeof BUDGET>> = {
  "api-errors": (objective, watched) => [
    ...of(watched, "api").map((api) => errorsOf(objective, api)),
    below(
      { ...objective, minutes: 2 },
      {
        name: "it does not answer",
        metric: GOOGLE.uptime,
        resource: "uptime_url",
        where: { "metric.label.check_id": watched.uptime },
        align: "ALIGN_FRACTION_TRUE",
        reduce: "REDUCE_MEAN",
      },
      0.5,
    ),
  ],
  "api-latency": ({ above: ms, minutes }, watched) => {
    const requests = `${OWN.requests}_bucket{${jobOf(watched, "api")}, http_route!="${STREAM}"}`;
    const p99 = `histogram_quantile(0.99, sum by (le) (rate(${requests}[${String(minutes)}m])))`;
    return [asked("slow", `1000 * ${p99} > ${String(ms)}`, minutes)];
  },
  "function-errors": (objective, watched) => [
    ...others(watched).map((service) => errorsOf(objective, service)),
    migrationFails(objective, watched),
  ],
  "function-duration": (objective, watched) =>
    others(watched).map(({ name, physicalName, workload }) =>
      above(
        objective,
        {
          ...ofService(GOOGLE.latencies, physicalName),
          name: `${name} is slow`,
          align: "ALIGN_PERCENTILE_99",
          reduce: "REDUCE_MAX",
        },
        objective.above * 10 * workload.timeoutSeconds,
      ),
    ),
  // Of the API it is Punctual's own answer to whoever asks too often.
  throttles: (objective, watched) =>
    others(watched).map(({ name, physicalName }) =>
      above(objective, {
        ...ofService(GOOGLE.requests, physicalName, { "metric.label.response_code": "429" }),
        name: `${name} is throttled`,
        align: "ALIGN_DELTA",
        reduce: "REDUCE_SUM",
      }),
    ),
  heartbeat: (objective, watched) => {
    const { minutes } = objective;
    // Where workers run on they look for what is due themselves.
    const beat = `${OWN.heartbeat}{${jobOf(watched, watched.pool === undefined ? "scheduler" : "worker")}}`;
    if (watched.collected) {
      return [
        asked("it stands still", `time() - max(${beat}) > ${String(minutes * 60)}`, 0),
        asked("it is not there", `absent(${beat})`, minutes),
      ];
    }
    if (watched.pool !== undefined) return [standsStill(objective, watched.pool)];
    return of(watched, "scheduler").map(({ physicalName }) =>
      absent(objective, {
        ...ofService(GOOGLE.requests, physicalName, { "metric.label.response_code_class": "2xx" }),
        name: "no tick was answered",
        align: "ALIGN_DELTA",
        reduce: "REDUCE_SUM",
      }),
    );
  },
  "oldest-due": ({ above: limit, minutes }, watched) => [
    asked("far behind", `max(${OWN.oldestDue}{${jobOf(watched)}}) > ${String(limit)}`, minutes),
  ],
  "expired-leases": ({ above: limit, minutes }, watched) => [
    asked("lost", `${increased(OWN.claimsLost, jobOf(watched), minutes)} > ${String(limit)}`, 0),
  ],
  "delivery-success": ({ above: percent, minutes }, watched) => {
    const failed = increased(OWN.finished, `${jobOf(watched)}, state="failed"`, minutes);
    const all = increased(OWN.finished, jobOf(watched), minutes);
    return [asked("failed", `100 * ${failed} / ${all} > ${String(percent)}`, 0)];
  },
  troubles: (objective, watched) => [
    asked("troubles", `${increased(OWN.troubles, jobOf(watched), objective.minutes)} > ${String(objective.above)}`, 0),
    // Elsewhere it is one of the functions that fail.
    ...(watched.pool === undefined ? [] : [migrationFails(objective, watched)]),
  ],
  "queue-depth": (objective, watched) => ofQueue(objective, watched, "events", GOOGLE.undelivered, "much waits"),
  "queue-age": (objective, watched) => ofQueue(objective, watched, "events", GOOGLE.oldestMessage, "it waits long"),
  // Counted where they are given up: they are pushed on at once.
  "dead-letters": (objective, watched) => ofQueue(objective, watched, "events", GOOGLE.deadLetters, "given up"),
  unreadable: (objective, watched) => ofQueue(objective, watched, "unreadable", GOOGLE.undelivered, "it is there"),
  "database-cpu": (objective, { database }) => [
    above(objective, ofDatabase(GOOGLE.databaseCpu, database.id), objective.above / 100),
  ],
  "database-connections": (objective, { database }) => [
    above(
      objective,
      // Of each database by itself.
      { ...ofDatabase(GOOGLE.databaseConnections, database.id), reduce: "REDUCE_SUM" },
      (objective.above / 100) * database.connections,
    ),
  ],
  // It grows by itself until there.
  "database-storage": (objective, { database }) => [
    above(objective, ofDatabase(GOOGLE.databaseBytes, database.id), (objective.above / 100) * database.mostBytes),
  ],
  certificate: (objective, { uptime }) => [
    below(objective, {
      name: "it ends",
      metric: GOOGLE.certificateDays,
      resource: "uptime_url",
      where: { "metric.label.check_id": uptime },
      align: "ALIGN_MIN",
      reduce: "REDUCE_MIN",
    }),
  ],
  nat: (objective, { nat }) => [
    above(objective, {
      name: "no port is left",
      metric: GOOGLE.natDropped,
      resource: "nat_gateway",
      where: { "resource.label.gateway_name": nat, "metric.label.reason": "OUT_OF_RESOURCES" },
      align: "ALIGN_DELTA",
      reduce: "REDUCE_SUM",
    }),
  ],
  budget: BUDGET,
};

/** Nothing where it is watched otherwise. */
export function conditionsOf(objective: Objective, watched: Watched): readonly Condition[] {
  const alarm = ALARMS[objective.id];
  return alarm === BUDGET ? [] : alarm(objective, watched);
}

function of({ services }: Watched, name: WatchedService["name"]): readonly WatchedService[] {
  return services.filter((one) => one.name === name);
}

/** The API has objectives of its own. */
function others({ services }: Watched): readonly WatchedService[] {
  return services.filter(({ name }) => name !== "api");
}

function ofService(metric: Seen["metric"], physicalName: string, where: Seen["where"] = {}) {
  return {
    metric,
    resource: "cloud_run_revision",
    where: { "resource.label.service_name": physicalName, ...where },
  };
}

function errorsOf(objective: Objective, { name, physicalName }: WatchedService): Condition {
  const all = ofService(GOOGLE.requests, physicalName);
  return above(
    objective,
    {
      ...ofService(GOOGLE.requests, physicalName, { "metric.label.response_code_class": "5xx" }),
      name: `${name} fails`,
      align: "ALIGN_RATE",
      reduce: "REDUCE_SUM",
      outOf: all.where,
    },
    objective.above / 100,
  );
}

/** Once is enough: nobody tries it again, so after a minute there is nothing to be seen of it. */
function migrationFails(objective: Objective, { migration }: Watched): Condition {
  return above(
    { ...objective, minutes: 0 },
    {
      name: "migrate fails",
      metric: GOOGLE.attempts,
      resource: "cloud_run_job",
      where: { "resource.label.job_name": migration, "metric.label.result": "failed" },
      align: "ALIGN_DELTA",
      reduce: "REDUCE_SUM",
    },
    0,
  );
}

/** All that Google knows of workers is whether they run. */
function standsStill(objective: Objective, pool: string): Condition {
  return absent(objective, {
    name: "no worker runs",
    metric: GOOGLE.billable,
    resource: "cloud_run_worker_pool",
    where: { "resource.label.worker_pool_name": pool },
    align: "ALIGN_RATE",
    reduce: "REDUCE_SUM",
  });
}

function ofQueue(
  objective: Objective,
  { queues }: Watched,
  queue: QueueName,
  metric: Seen["metric"],
  name: string,
): readonly Condition[] {
  const physicalName = queues[queue];
  if (physicalName === undefined) return [];
  const counted = metric === GOOGLE.deadLetters;
  return [
    above(objective, {
      ...{ name, metric },
      resource: "pubsub_subscription",
      where: { "resource.label.subscription_id": physicalName },
      align: counted ? "ALIGN_DELTA" : "ALIGN_MAX",
      reduce: counted ? "REDUCE_SUM" : "REDUCE_MAX",
    }),
  ];
}

function ofDatabase(metric: Seen["metric"], id: Watched["database"]["id"]): Seen {
  return {
    name: "hardly any left",
    metric,
    resource: "cloudsql_database",
    where: { "resource.label.database_id": id },
    align: "ALIGN_MAX",
  };
}

/** Whose metrics: one service's, or those of all of this environment. */
function jobOf({ prefix }: Watched, service?: WatchedService["name"]): string {
  return service === undefined ? `job=~"${prefix}-.+"` : `job="${prefix}-${service}"`;
}

function increased(metric: string, where: string, minutes: number): string {
  return `sum(increase(${metric}{${where}}[${String(minutes)}m]))`;
}
