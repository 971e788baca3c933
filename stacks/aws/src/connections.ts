import { type Blueprint, needs, type Workload } from "@punctual/stack-blueprint";
import { connectionsOfTasks } from "./containers/sizes.js";

/** What a function keeps open, unless it is told otherwise: the default of `PUNCTUAL_DATABASE_POOL`. */
const POOL = 2;

/** Of the connections that the instance has, those that the proxy, or tasks, may have; the rest is for whoever comes to see to it. */
export const PROXY_PERCENT = 80;
/** Of these, what may be planned for. */
const PLANNED_PERCENT = 80;

/** How long a request to the API keeps a process, and so its connections, busy. */
const REQUEST_SECONDS = 0.05;

/** The fewest processes at one time that SQS can be told to keep to. */
export const FEWEST_CONSUMERS = 2;

const GIB = 1_024 ** 3;
/** As RDS reckons `max_connections` of PostgreSQL from memory. It keeps some for itself, which the two margins above cover. */
const BYTES_A_CONNECTION = 9_531_392;
const MOST_CONNECTIONS = 5_000;

const BURSTABLE: Readonly<Record<string, number>> = {
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  "2xlarge": 32,
};

/** The GiB of a class such as `db.t4g.medium`; undefined is one that is not known here. */
export function memoryOf(instanceClass: string): number | undefined {
  const [, family = "", size = ""] = /^db\.(t[34]g?|[mr]\d+[a-z]*)\.([a-z\d]+)$/.exec(instanceClass) ?? [];
  if (family.startsWith("t")) return BURSTABLE[size];
  const [, times] = /^(\d+)xlarge$/.exec(size) ?? [];
  const sizes = size === "large" ? 0.5 : size === "xlarge" ? 1 : times === undefined ? undefined : Number(times);
  if (sizes === undefined || family === "") return undefined;
  return sizes * (family.startsWith("r") ? 32 : 16);
}

/** All that a database of such a class has. */
export function mostConnectionsOf(instanceClass: string): number | undefined {
  const memory = memoryOf(instanceClass);
  if (memory === undefined) return undefined;
  return Math.min(Math.floor((memory * GIB) / BYTES_A_CONNECTION), MOST_CONNECTIONS);
}

/** Of them what may be planned for. */
export function connectionsOf(instanceClass: string): number | undefined {
  const all = mostConnectionsOf(instanceClass);
  return all === undefined ? undefined : Math.floor((all * PROXY_PERCENT * PLANNED_PERCENT) / 10_000);
}

/** How many functions of a workload run at one time at the most, as far as anything holds them to it. */
export function mostProcessesOf({ name, trigger }: Workload, { defaults }: Pick<Blueprint, "defaults">): number {
  switch (trigger.kind) {
    case "queue":
      return name === "worker" ? Math.max(defaults.workers, FEWEST_CONSUMERS) : FEWEST_CONSUMERS;
    case "http":
      return Math.max(Math.ceil(defaults.throttle.perSecond * REQUEST_SECONDS), defaults.warm);
    // A tick that is late meets the next one.
    case "minute":
      return 2;
    case "authorizer":
    case "always":
    case "manual":
      return 1;
  }
}

/** The connections of all workloads at their most. */
export function connectionsWantedBy(blueprint: Blueprint): number {
  const { environment, shape } = blueprint.settings;
  if (shape.runtime === "containers") return connectionsOfTasks(environment);
  const storing = blueprint.workloads.filter((one) => needs(one, "database"));
  return storing.reduce((sum, one) => sum + POOL * mostProcessesOf(one, blueprint), 0);
}
