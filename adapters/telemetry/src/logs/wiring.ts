import type { Telemetry } from "@punctual/core";
import { type DestinationStream, pino } from "pino";
import { AllOf } from "../all-of.js";
import type { TelemetryConfig } from "../config.js";
import { LogTelemetry } from "./log-telemetry.js";

/** The log of one process. */
export interface JsonLogs {
  readonly telemetry: Telemetry;
  /** A line in the log that is no fact of the core. */
  log(message: string, fields: Readonly<Record<string, string | number>>): void;
}

/** Lines of JSON, and nothing else that would have to be loaded. */
export function jsonLogs(
  { logLevel, service }: Pick<TelemetryConfig, "logLevel" | "service">,
  to: DestinationStream,
): JsonLogs {
  const logger = pino(
    {
      level: logLevel,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: named },
    },
    to,
  );
  return { telemetry: new LogTelemetry(logger), log: (message, fields) => logger.info(fields, message) };
}

/** By the names that both clouds look for. */
function named(level: string): object {
  return { level, severity: level === "warn" ? "WARNING" : level.toUpperCase() };
}

/** Tells each of them. */
export function allOf(...telemetries: readonly Telemetry[]): Telemetry {
  return new AllOf(telemetries);
}
