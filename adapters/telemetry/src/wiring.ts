import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { randomUUID } from "node:crypto";
import type { DestinationStream } from "pino";
import { AllOf } from "./all-of.js";
import type { TelemetryConfig } from "./config.js";
import { type JsonLogs, jsonLogs } from "./logs/wiring.js";
import { instrumentsOf } from "./metrics/instruments.js";
import { MetricTelemetry } from "./metrics/metric-telemetry.js";

/** The telemetry of one process, and how to end with it. */
export interface ProcessTelemetry extends JsonLogs {
  /** What `/metrics` answers, in the format of Prometheus. */
  metrics(): Promise<string>;
  /** Shows numbers that somebody else keeps, such as the connections of a pool. */
  gauge(name: string, description: string, read: () => Readonly<Record<string, number>>): void;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}

export async function telemetryFor(config: TelemetryConfig, logs: DestinationStream): Promise<ProcessTelemetry> {
  const { otlpUrl, service, version } = config;
  const resource = resourceFromAttributes({
    "service.name": service,
    "service.version": version,
    // Two processes that send the same numbers under one name would overwrite each other's.
    "service.instance.id": randomUUID(),
  });
  const prometheus = new PrometheusExporter({ preventServerStart: true });
  // A collector's libraries are loaded for those who have one.
  const otlp = otlpUrl === null ? null : (await import("./otlp.js")).otlpTo(otlpUrl, resource);
  const readers = [prometheus, ...(otlp === null ? [] : [otlp.reader])];
  const provider = new MeterProvider({ resource, readers });
  const meter = provider.getMeter("punctual");
  const lines = jsonLogs(config, logs);
  const metrics = new MetricTelemetry(instrumentsOf(meter));
  const serializer = new PrometheusSerializer("", false, undefined, true, true);
  return {
    telemetry: new AllOf([lines.telemetry, metrics, ...(otlp === null ? [] : [otlp.traces])]),
    metrics: async () => serializer.serialize((await prometheus.collect()).resourceMetrics),
    gauge: (name, description, read) => {
      meter.createObservableGauge(name, { description }).addCallback((result) => {
        for (const [state, value] of Object.entries(read())) result.observe(value, { state });
      });
    },
    log: (message, fields) => lines.log(message, fields),
    close: async () => {
      await Promise.allSettled([provider.shutdown(), otlp?.close()]);
    },
  };
}
