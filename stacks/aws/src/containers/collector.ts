import type { Input } from "@pulumi/pulumi";
import { METRICS, NAMESPACE, type Renamed } from "./metrics.js";

const PORT = 4318;

/** Where the program finds it: containers of a task share their loopback. */
export const COLLECTOR_URL = `http://localhost:${String(PORT)}`;

export interface CollectorOptions {
  readonly region: string;
  readonly logGroup: Input<string>;
  /** What metrics are told apart by. */
  readonly service: string;
  /** Of traces. */
  readonly sampledPercent: number;
}

/** What an OpenTelemetry collector reads: numbers become metrics of CloudWatch by way of a log, spans go to X-Ray. */
export function collectorConfig({ region, logGroup, service, sampledPercent }: CollectorOptions): object {
  const limits = { check_interval: "1s", limit_percentage: 70 };
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${String(PORT)}` } } } },
    processors: {
      memory_limiter: limits,
      "filter/known": { metrics: { include: { match_type: "strict", metric_names: METRICS.map(({ from }) => from) } } },
      "metricstransform/renamed": { transforms: METRICS.map((one) => transformOf(one, service)) },
      probabilistic_sampler: { sampling_percentage: sampledPercent },
      batch: { timeout: "10s" },
    },
    exporters: {
      awsemf: {
        region,
        namespace: NAMESPACE,
        log_group_name: logGroup,
        log_stream_name: service,
        dimension_rollup_option: "NoDimensionRollup",
        // It starts with the program, so the first number counts as well.
        retain_initial_value_of_delta_metric: true,
        metric_declarations: METRICS.map(declarationOf),
        metric_descriptors: METRICS.map(({ to, unit }) => ({ metric_name: to, unit, overwrite: true })),
      },
      awsxray: { region },
    },
    service: {
      telemetry: { logs: { level: "warn" } },
      pipelines: {
        metrics: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "filter/known", "metricstransform/renamed", "batch"],
          exporters: ["awsemf"],
        },
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "probabilistic_sampler", "batch"],
          exporters: ["awsxray"],
        },
      },
    },
  };
}

function transformOf({ from, to, unit, split }: Renamed, service: string): object {
  return {
    include: from,
    action: "update",
    new_name: to,
    operations: [
      ...(unit === "Milliseconds" ? [{ action: "experimental_scale_value", experimental_scale: 1_000 }] : []),
      ...(split === undefined ? [] : [{ action: "update_label", label: split.label, new_label: split.dimension }]),
      { action: "add_label", new_label: SERVICE, new_value: service },
    ],
  };
}

/** The dimension that every metric has. */
export const SERVICE = "Service";

function declarationOf({ to, split }: Renamed): object {
  return {
    dimensions: [[SERVICE], ...(split === undefined ? [] : [[SERVICE, split.dimension]])],
    metric_name_selectors: [`^${to}$`],
  };
}
