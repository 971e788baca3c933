export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How the lines of a log look: `google`, for Cloud Logging, with traces of this project. */
export type LogFormat = { readonly kind: "plain" } | { readonly kind: "google"; readonly project: string };

/** What is told about this process, and to whom. */
export interface TelemetryConfig {
  readonly logLevel: LogLevel;
  /** Left out, plain. */
  readonly logFormat?: LogFormat;
  /** Where an OpenTelemetry collector takes metrics and traces by HTTP; null sends none. Metrics can be asked for anyway. */
  readonly otlpUrl: string | null;
  /** What this program is called there. */
  readonly service: string;
  readonly version: string;
}
