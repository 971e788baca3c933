import type { Telemetry } from "@punctual/core";
import { type DestinationStream, type LoggerOptions, pino } from "pino";
import { AllOf } from "../all-of.js";
import type { TelemetryConfig } from "../config.js";
import { googleFields } from "./google-fields.js";
import { LogTelemetry } from "./log-telemetry.js";

/** The log of one process. */
export interface JsonLogs {
  readonly telemetry: Telemetry;
  /** A line in the log that is no fact of the core. */
  log(message: string, fields: Readonly<Record<string, string | number>>): void;
}

type LogConfig = Pick<TelemetryConfig, "logLevel" | "service" | "logFormat"> &
  Partial<Pick<TelemetryConfig, "version">>;

/** Lines of JSON, and nothing else that would have to be loaded. */
export function jsonLogs(config: LogConfig, to: DestinationStream): JsonLogs {
  const logger = pino({ level: config.logLevel, timestamp: pino.stdTimeFunctions.isoTime, ...formatOf(config) }, to);
  return { telemetry: new LogTelemetry(logger), log: (message, fields) => logger.info(fields, message) };
}

function formatOf({ service, version, logFormat = { kind: "plain" } }: LogConfig): LoggerOptions {
  switch (logFormat.kind) {
    case "plain":
      return { base: { service }, formatters: { level: (level) => ({ level, ...severityOf(level) }) } };
    case "google": {
      const { project } = logFormat;
      return {
        base: { serviceContext: { service, ...(version !== undefined && { version }) } },
        messageKey: "message",
        formatters: { level: severityOf, log: (fields) => ({ ...googleFields(fields, project) }) },
      };
    }
  }
}

/** By the names that both clouds look for. */
function severityOf(level: string): { readonly severity: string } {
  return { severity: level === "warn" ? "WARNING" : level.toUpperCase() };
}

/** Tells each of them. */
export function allOf(...telemetries: readonly Telemetry[]): Telemetry {
  return new AllOf(telemetries);
}
