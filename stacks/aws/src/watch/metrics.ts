import type { EmfMetricName } from "@punctual/adapter-aws/metrics";
import { EMF_NAMESPACE } from "@punctual/adapter-aws/metrics";
import type { Input, Output } from "@pulumi/pulumi";
import type { WorkloadName } from "@punctual/stack-blueprint";
import { SERVICE } from "../containers/collector.js";
import { METRICS } from "../containers/metrics.js";
import type {
  Database,
  FrontDoor,
  FunctionPart,
  Functions,
  Network,
  Plan,
  QueuePart,
  Queues,
  ServicePart,
  Services,
} from "../parts.js";

/** What is watched. */
export interface Watched {
  readonly plan: Plan;
  /** What runs: as functions, or as services of ECS. */
  readonly functions: Functions;
  readonly services: Services;
  readonly queues: Queues;
  readonly database: Database;
  readonly network: Pick<Network, "natGateways">;
  readonly frontDoor: FrontDoor;
}

/** A number that CloudWatch has, and what becomes of its values in a period. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, Input<string>>>;
  readonly stat: "Sum" | "Average" | "Minimum" | "Maximum" | "SampleCount" | `p${number}`;
}

type Stat = Metric["stat"];

/** As `apps/functions` calls them all. */
const FUNCTIONS = "punctual";

type Split = Readonly<Record<string, string>>;

/** One of our own, by the workload that notes it; it must know it by these dimensions. */
export function ofOurs(
  { functions, services, plan }: Pick<Watched, "functions" | "services" | "plan">,
  name: EmfMetricName,
  workload: WorkloadName,
  stat: Stat,
  split: Split = {},
): Metric {
  const service = services[workload];
  if (service !== undefined) return ofTasks(service, name, stat, split);
  const FunctionName = functions[workload]?.physicalName ?? plan.blueprint.names.of(workload);
  return { namespace: EMF_NAMESPACE, name, dimensions: { [SERVICE]: FUNCTIONS, FunctionName, ...split }, stat };
}

function ofTasks({ physicalName }: ServicePart, name: EmfMetricName, stat: Stat, split: Split): Metric {
  if (!isForwarded(name, split)) throw new RangeError(`No task sends ${[name, ...Object.keys(split)].join(" by ")}`);
  return { namespace: EMF_NAMESPACE, name, dimensions: { [SERVICE]: physicalName, ...split }, stat };
}

/** Functions send all that is measured; collectors beside tasks pass on some of it. */
export function isSent(
  { services }: Pick<Watched, "services">,
  name: EmfMetricName,
  workload: WorkloadName,
  split: Split = {},
): boolean {
  return services[workload] === undefined || isForwarded(name, split);
}

function isForwarded(name: EmfMetricName, split: Split): boolean {
  const metric = METRICS.find(({ to }) => to === name);
  return metric !== undefined && Object.keys(split).every((one) => one === metric.split?.dimension);
}

export function ofFunction({ physicalName }: Pick<FunctionPart, "physicalName">, name: string, stat: Stat): Metric {
  return { namespace: "AWS/Lambda", name, dimensions: { FunctionName: physicalName }, stat };
}

/** What ECS measures of a service. */
export function ofService({ physicalName, cluster }: ServicePart, name: string, stat: Stat): Metric {
  return { namespace: "AWS/ECS", name, dimensions: { ClusterName: cluster, ServiceName: physicalName }, stat };
}

export function ofQueue({ physicalName }: Pick<QueuePart, "physicalName">, name: string, stat: Stat): Metric {
  return { namespace: "AWS/SQS", name, dimensions: { QueueName: physicalName }, stat };
}

export function ofDatabase({ identifier }: Pick<Database, "identifier">, name: string, stat: Stat): Metric {
  return { namespace: "AWS/RDS", name, dimensions: { DBInstanceIdentifier: identifier }, stat };
}

export function ofProxy(ProxyName: string, name: string, stat: Stat): Metric {
  return { namespace: "AWS/RDS", name, dimensions: { ProxyName }, stat };
}

export function ofNat(NatGatewayId: Output<string>, name: string, stat: Stat): Metric {
  return { namespace: "AWS/NATGateway", name, dimensions: { NatGatewayId }, stat };
}

interface Counted {
  readonly requests: readonly string[];
  readonly failures: readonly string[];
  readonly refusals: string;
  readonly latency: string;
  readonly msInUnit: number;
}

const OF_DOORS: Readonly<Record<FrontDoor["metrics"]["namespace"], Counted>> = {
  "AWS/ApiGateway": {
    requests: ["Count"],
    failures: ["5XXError"],
    refusals: "4XXError",
    latency: "Latency",
    msInUnit: 1,
  },
  // Requests for which there was nobody are not among its requests.
  "AWS/ApplicationELB": {
    requests: ["RequestCount", "HTTPCode_ELB_5XX_Count"],
    failures: ["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"],
    refusals: "HTTPCode_Target_4XX_Count",
    latency: "TargetResponseTime",
    msInUnit: 1_000,
  },
};

/** What either kind of door counts, under its own names. */
export interface Door {
  readonly requests: readonly Metric[];
  readonly failures: readonly Metric[];
  readonly refusals: Metric;
  readonly latency: (stat: Stat) => Metric;
  /** What milliseconds are in the unit of its latency. */
  readonly inUnit: (milliseconds: number) => number;
}

export function ofDoor({ metrics: { namespace, dimensions } }: Pick<FrontDoor, "metrics">): Door {
  const { requests, failures, refusals, latency, msInUnit } = OF_DOORS[namespace];
  const of = (name: string, stat: Stat): Metric => ({ namespace, name, dimensions, stat });
  return {
    requests: requests.map((name) => of(name, "Sum")),
    failures: failures.map((name) => of(name, "Sum")),
    refusals: of(refusals, "Sum"),
    latency: (stat) => of(latency, stat),
    inUnit: (milliseconds) => milliseconds / msInUnit,
  };
}
