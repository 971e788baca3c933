import type { EmfMetricName } from "@punctual/adapter-aws/metrics";
import { EMF_NAMESPACE } from "@punctual/adapter-aws/metrics";
import type { Input, Output } from "@pulumi/pulumi";
import type { WorkloadName } from "@punctual/stack-blueprint";
import type { Database, FrontDoor, FunctionPart, Functions, Network, Plan, QueuePart, Queues } from "../parts.js";

/** What is watched. */
export interface Watched {
  readonly plan: Plan;
  readonly functions: Functions;
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
const SERVICE = "punctual";

/** One of our own, by the workload that notes it; it must know it by these dimensions. */
export function ofOurs(
  { functions, plan }: Pick<Watched, "functions" | "plan">,
  name: EmfMetricName,
  workload: WorkloadName,
  stat: Stat,
  split: Readonly<Record<string, string>> = {},
): Metric {
  const FunctionName = functions[workload]?.physicalName ?? plan.blueprint.names.of(workload);
  return { namespace: EMF_NAMESPACE, name, dimensions: { Service: SERVICE, FunctionName, ...split }, stat };
}

export function ofFunction({ physicalName }: Pick<FunctionPart, "physicalName">, name: string, stat: Stat): Metric {
  return { namespace: "AWS/Lambda", name, dimensions: { FunctionName: physicalName }, stat };
}

export function ofQueue({ physicalName }: Pick<QueuePart, "physicalName">, name: string, stat: Stat): Metric {
  return { namespace: "AWS/SQS", name, dimensions: { QueueName: physicalName }, stat };
}

export function ofDatabase({ identifier }: Pick<Database, "identifier">, name: string, stat: Stat): Metric {
  return { namespace: "AWS/RDS", name, dimensions: { DBInstanceIdentifier: identifier }, stat };
}

export function ofProxy({ proxyName }: Pick<Database, "proxyName">, name: string, stat: Stat): Metric {
  return { namespace: "AWS/RDS", name, dimensions: { ProxyName: proxyName }, stat };
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
