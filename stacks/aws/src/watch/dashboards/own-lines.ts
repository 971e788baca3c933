import type { EmfMetricName } from "@punctual/adapter-aws/metrics";
import type { WorkloadName } from "@punctual/stack-blueprint";
import { isSent, type Metric, ofOurs, type Watched } from "../metrics.js";
import { line, type Line } from "./dashboard.js";

/** A line of our own; none where the workload does not send it. */
export function own(
  watched: Watched,
  label: string,
  name: EmfMetricName,
  workload: WorkloadName,
  stat: Metric["stat"],
  split: Readonly<Record<string, string>> = {},
): readonly Line[] {
  return isSent(watched, name, workload, split) ? [line(label, ofOurs(watched, name, workload, stat, split))] : [];
}

/** How long something takes. Collectors send counts and sums of it, of which CloudWatch knows the mean alone. */
export function times(watched: Watched, name: EmfMetricName, workload: WorkloadName): readonly Line[] {
  return watched.services[workload] === undefined
    ? quantiles((stat) => ofOurs(watched, name, workload, stat))
    : own(watched, "mean", name, workload, "Average");
}

export function quantiles(metric: (stat: Metric["stat"]) => Metric): readonly Line[] {
  return (["p50", "p95", "p99"] as const).map((stat) => line(stat, metric(stat)));
}

/** A line for each value that it is split by, or one for all of them where it is not. */
export function parts(
  watched: Watched,
  name: EmfMetricName,
  workload: WorkloadName,
  stat: Metric["stat"],
  [by, values]: readonly [dimension: string, values: readonly string[]],
): readonly Line[] {
  const each = values.flatMap((value) => own(watched, `${workload}: ${value}`, name, workload, stat, { [by]: value }));
  return each.length > 0 ? each : own(watched, workload, name, workload, stat);
}
