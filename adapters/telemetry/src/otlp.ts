import type { Telemetry } from "@punctual/core";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type { Resource } from "@opentelemetry/resources";
import { type IMetricReader, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { QueuedIds } from "./traces/queued-ids.js";
import { TraceTelemetry } from "./traces/trace-telemetry.js";

export interface Otlp {
  readonly reader: IMetricReader;
  readonly traces: Telemetry;
  close(): Promise<void>;
}

const TIMEOUT_MS = 5_000;

/** Metrics and traces for a collector, in batches; where it is away they are dropped, and work goes on. */
export function otlpTo(url: string, resource: Resource): Otlp {
  const idGenerator = new QueuedIds();
  const spans = new OTLPTraceExporter({ url: `${url}/v1/traces`, timeoutMillis: TIMEOUT_MS });
  const numbers = new OTLPMetricExporter({ url: `${url}/v1/metrics`, timeoutMillis: TIMEOUT_MS });
  const provider = new TracerProvider({
    ...{ resource, idGenerator },
    spanProcessors: [new BatchSpanProcessor({ exporter: spans })],
  });
  return {
    reader: new PeriodicExportingMetricReader({ exporter: numbers, exportTimeoutMillis: TIMEOUT_MS }),
    traces: new TraceTelemetry(provider.getTracer("punctual"), idGenerator),
    close: async () => provider.shutdown(),
  };
}
