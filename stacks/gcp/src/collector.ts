import type * as gcp from "@pulumi/gcp";
import type { Workload } from "@punctual/stack-blueprint";
import type { Plan } from "./parts.js";

const PORT = 4_318;
const HEALTH_PORT = 13_133;
export const COLLECTOR = "collector";
export const COLLECTOR_URL = `http://localhost:${String(PORT)}`;
const CONFIG = "COLLECTOR_CONFIG";

/** Together they are one processor: with less Cloud Run lets an instance have one request at a time, and more is paid for. */
export const COLLECTOR_LIMITS = { cpu: "250m", memory: "256Mi" };
export const BESIDE_COLLECTOR_CPU = "750m";

/** Whether there is one beside it. A job ends before anybody would have asked what it measures. */
export function hasCollector({ trigger }: Workload, { own }: Plan): boolean {
  return trigger.kind !== "manual" && own.collectorImage !== undefined;
}

/** What is said of whoever sends, where it does not say so itself. */
interface Mark {
  readonly key: string;
  readonly value: string;
  readonly action: "insert" | "upsert";
}

/**
 * Takes metrics and traces, says where they come from, and sends them to telemetry.googleapis.com. That keeps metrics as
 * those of Prometheus: `prometheus.googleapis.com/<name>/<kind>` on a `prometheus_target`, whose `job` is the service and
 * whose `instance` must not be empty. It takes names as they come, so here counters get the `_total` that docs/configuration.md
 * knows them by, and labels underscores in place of dots.
 */
export function configOf({ own }: Plan, marks: readonly Mark[] = []) {
  return {
    extensions: { health_check: { endpoint: `0.0.0.0:${String(HEALTH_PORT)}` }, googleclientauth: {} },
    receivers: { otlp: { protocols: { http: { endpoint: `localhost:${String(PORT)}` } } } },
    processors: {
      memory_limiter: { check_interval: "1s", limit_percentage: 65, spike_limit_percentage: 20 },
      resourcedetection: { detectors: ["gcp"], timeout: "10s" },
      resource: {
        attributes: [
          { key: "gcp.project_id", value: own.project, action: "upsert" },
          ...marks,
          { key: "service.instance.id", from_attribute: "faas.instance", action: "insert" },
        ],
      },
      transform: {
        metric_statements: [
          {
            context: "metric",
            statements: [
              `set(metric.name, Concat([metric.name, "_total"], "")) where metric.is_monotonic == true and not IsMatch(metric.name, "_total$")`,
            ],
          },
          { context: "datapoint", statements: [`replace_all_patterns(datapoint.attributes, "key", "\\\\.", "_")`] },
        ],
      },
      batch: { timeout: "5s", send_batch_max_size: 200 },
    },
    exporters: {
      otlphttp: { endpoint: "https://telemetry.googleapis.com", auth: { authenticator: "googleclientauth" } },
    },
    service: {
      extensions: ["health_check", "googleclientauth"],
      pipelines: {
        metrics: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "resourcedetection", "resource", "transform", "batch"],
          exporters: ["otlphttp"],
        },
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "resourcedetection", "resource", "batch"],
          exporters: ["otlphttp"],
        },
      },
    },
  };
}

/** Whoever is billed for a processor is so for all containers of an instance alike. */
export function collectorOf(plan: Plan, cpuIdle: boolean): gcp.types.input.cloudrunv2.ServiceTemplateContainer {
  const { collectorImage } = plan.own;
  if (collectorImage === undefined) throw new RangeError("there is no collector");
  return {
    name: COLLECTOR,
    image: collectorImage,
    args: [`--config=env:${CONFIG}`],
    envs: [{ name: CONFIG, value: textOf(configOf(plan)) }],
    resources: { limits: COLLECTOR_LIMITS, cpuIdle },
    startupProbe: {
      httpGet: { path: "/", port: HEALTH_PORT },
      periodSeconds: 2,
      timeoutSeconds: 1,
      failureThreshold: 15,
    },
  };
}

/**
 * Of a container: the program calls itself the same whatever it does, and alarms know it by the name of its service or pool.
 * Collectors from before there were pools do not see where one runs.
 */
export function containersConfigOf(plan: Plan, workload: Workload): string {
  const { names } = plan.blueprint;
  return textOf(
    configOf(plan, [
      { key: "service.name", value: names.of(workload.name), action: "upsert" },
      { key: "cloud.region", value: plan.own.region, action: "insert" },
    ]),
  );
}

/** JSON is YAML, too; of a dollar the collector would make a variable. */
function textOf(config: object): string {
  return JSON.stringify(config).replaceAll("$", "$$$$");
}
