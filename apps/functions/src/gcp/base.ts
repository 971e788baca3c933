import { callersOf, type Handler, serve, type Service } from "@punctual/adapter-gcp/wiring";
import { localClock } from "@punctual/adapter-local/wiring";
import { type ProcessTelemetry, telemetryFor } from "@punctual/adapter-telemetry/wiring";
import type { Clock, Telemetry } from "@punctual/core";
import type { ANY, CALLERS, Of } from "./variables.js";

const VERSION = "0.0.0";
/** The largest message that there can be, in Base64: one that is refused for its size would be pushed again for ever. */
const MOST_BODY_BYTES = 14_000_000;

/** What every service has. */
export interface Base {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly observed: ProcessTelemetry;
}

export async function baseOf(config: Of<typeof ANY>): Promise<Base> {
  const { PUNCTUAL_LOG_LEVEL: logLevel, PUNCTUAL_OTLP_URL: otlpUrl = null } = config;
  const { PUNCTUAL_GCP_PROJECT: project, CLOUD_RUN_JOB: job = "punctual", K_SERVICE: service = job } = config;
  const observed = await telemetryFor(
    { logLevel, logFormat: { kind: "google", project }, otlpUrl, service, version: VERSION },
    process.stdout,
  );
  return { clock: localClock(), telemetry: observed.telemetry, observed };
}

/** Answers those who may call. */
export async function serving(
  config: Of<typeof ANY> & Of<typeof CALLERS>,
  { clock, telemetry }: Base,
  routes: Readonly<Record<string, Handler>>,
): Promise<Service> {
  const { PUNCTUAL_CALLERS_JWKS_URL: jwksUrl } = config;
  const authorize = callersOf({
    audience: config.PUNCTUAL_CALLERS_AUDIENCE,
    emails: config.PUNCTUAL_CALLERS,
    checkedByCloudRun: config.PUNCTUAL_CALLERS_CHECKED,
    clock,
    ...(jwksUrl !== undefined && { jwksUrl }),
  });
  return serve({ routes, authorize, clock, telemetry, maxBodyBytes: MOST_BODY_BYTES, port: config.PORT });
}

/** Something that runs until it is told to end. */
export interface Running {
  /** Where it listens. */
  readonly port: number;
  /** Whether all that was under way has ended in time. */
  close(withinMs: number): Promise<boolean>;
}

/** In that order: first nobody is let in any more, last it is told what was seen. */
export function running(service: Running, { observed }: Base, closed: () => Promise<unknown>): Running {
  return {
    port: service.port,
    close: async (withinMs) => {
      const ended = await service.close(withinMs);
      await closed();
      await observed.close();
      return ended;
    },
  };
}
