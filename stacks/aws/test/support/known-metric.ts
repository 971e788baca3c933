import { EMF_METRICS, EMF_NAMESPACE, type EmfMetric } from "@punctual/adapter-aws/metrics";
import { METRICS } from "../../src/containers/metrics.js";
import { AWS_METRICS } from "./metrics.js";

export interface Seen {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
}

/** Why CloudWatch has no such metric; null where it has. */
export function strangerIn({ namespace, name, dimensions }: Seen): string | null {
  const by = Object.keys(dimensions).toSorted().join();
  if (namespace === EMF_NAMESPACE && !("FunctionName" in dimensions)) return strangerToTasks(name, by);
  if (namespace === EMF_NAMESPACE) {
    const metric: EmfMetric | undefined = Object.entries(EMF_METRICS).find(([one]) => one === name)?.[1];
    if (metric === undefined) return `${name} is not measured`;
    const sets = [[], ...metric.splits].map((split) => ["FunctionName", "Service", ...split].toSorted().join());
    return sets.includes(by) ? null : `${name} is not told apart by ${by}`;
  }
  const known = AWS_METRICS[namespace];
  if (known?.names.includes(name) !== true) return `${namespace} has no ${name}`;
  return known.by.includes(by) ? null : `${namespace} ${name} is not told apart by ${by}`;
}

/** What the collector beside a task sends: less than functions do. */
function strangerToTasks(name: string, by: string): string | null {
  const metric = METRICS.find(({ to }) => to === name);
  if (metric === undefined) return `${name} is sent by no task`;
  const sets = [["Service"], ...(metric.split === undefined ? [] : [["Service", metric.split.dimension]])];
  return sets.some((set) => set.toSorted().join() === by) ? null : `${name} of tasks is not told apart by ${by}`;
}
