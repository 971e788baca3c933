import { z } from "zod";
import type { ScheduleInput } from "@punctual/core";
import type { AuthConfig } from "./auth/authenticator-for.js";
import { ASYMMETRIC } from "./auth/algorithms.js";

/** What an API is told by its environment, wherever it runs. */
export interface ApiConfig {
  readonly auth: AuthConfig;
  /** What receivers reach the API by; null is where it listens. */
  readonly publicUrl: string | null;
  readonly greetings: Greetings;
  readonly origins: readonly string[];
  /** Requests of a tenant; null has no limit. */
  readonly ratePerMinute: number | null;
}

/** Where birthday greetings go: to a destination, or to a URL of its own; neither leaves it to whoever starts the API. */
export interface Greetings {
  readonly destinationId: string | null;
  readonly url: string | null;
  readonly time: string | null;
}

const url = z.url({ protocol: /^https?$/ });

const ANYBODY = "*";

/** What stands between commas. */
export const listed = z.string().transform((text) =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== ""),
);

export const API_VARIABLES = z.object({
  PUNCTUAL_AUTH: z.enum(["off", "secret", "jwks"]).default("off"),
  PUNCTUAL_AUTH_SECRET: z.string().min(32).optional(),
  PUNCTUAL_AUTH_JWKS_URL: url.optional(),
  PUNCTUAL_AUTH_ALGORITHMS: listed.pipe(z.array(z.enum(ASYMMETRIC)).min(1)).optional(),
  PUNCTUAL_AUTH_ISSUER: z.string().min(1).optional(),
  PUNCTUAL_AUTH_AUDIENCE: z.string().min(1).optional(),
  PUNCTUAL_AUTH_TENANT_CLAIM: z.string().min(1).optional(),
  PUNCTUAL_AUTH_ROLES_CLAIM: z.string().min(1).optional(),
  PUNCTUAL_AUTH_DEFAULT_TENANT: z.string().min(1).optional(),
  PUNCTUAL_PUBLIC_URL: url.optional(),
  PUNCTUAL_GREETINGS_DESTINATION: z.uuid().optional(),
  PUNCTUAL_GREETINGS_URL: url.optional(),
  PUNCTUAL_GREETINGS_TIME: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/)
    .optional(),
  PUNCTUAL_CORS_ORIGINS: listed
    .pipe(z.array(z.literal(ANYBODY).or(url)))
    .refine((all) => !all.includes(ANYBODY) || all.length === 1, "* is everybody's page already: name none beside it")
    .default([]),
  PUNCTUAL_RATE_PER_MINUTE: z.coerce.number().int().min(0).max(10_000_000).optional(),
});

type ApiVariables = z.output<typeof API_VARIABLES>;

/** What one of them says and another takes back. */
export function contradictionsIn(read: ApiVariables): readonly string[] {
  const auth = `PUNCTUAL_AUTH is ${read.PUNCTUAL_AUTH}`;
  const needs = (name: keyof ApiVariables) => (read[name] === undefined ? [`${name} is needed where ${auth}`] : []);
  return [
    ...(read.PUNCTUAL_AUTH === "secret" ? needs("PUNCTUAL_AUTH_SECRET") : []),
    ...(read.PUNCTUAL_AUTH === "jwks" ? needs("PUNCTUAL_AUTH_JWKS_URL") : []),
    ...(read.PUNCTUAL_AUTH === "off" ? [] : [...needs("PUNCTUAL_AUTH_ISSUER"), ...needs("PUNCTUAL_AUTH_AUDIENCE")]),
  ];
}

export function apiConfigOf(read: ApiVariables): ApiConfig {
  const perMinute = read.PUNCTUAL_RATE_PER_MINUTE ?? (read.PUNCTUAL_AUTH === "off" ? 0 : 6_000);
  return {
    auth: authOf(read),
    publicUrl: read.PUNCTUAL_PUBLIC_URL?.replace(/\/+$/, "") ?? null,
    greetings: {
      destinationId: read.PUNCTUAL_GREETINGS_DESTINATION ?? null,
      url: read.PUNCTUAL_GREETINGS_URL ?? null,
      time: read.PUNCTUAL_GREETINGS_TIME ?? null,
    },
    origins: read.PUNCTUAL_CORS_ORIGINS.map((one) => (one === ANYBODY ? one : new URL(one).origin)),
    ratePerMinute: perMinute === 0 ? null : perMinute,
  };
}

/** Where greetings go as a schedule says it; `inbox` where nothing else was said. */
export function greetingsTo(
  { destinationId, url }: Greetings,
  inbox: string | null,
): ScheduleInput["destination"] | null {
  if (destinationId !== null) return { id: destinationId };
  const to = url ?? inbox;
  if (to === null) return null;
  const limits = { ratePerSecond: null, concurrency: null, ackWithinMs: null };
  return { inline: { kind: "http", url: to, method: "POST", headers: {}, timeoutMs: 10_000, ...limits } };
}

function authOf(read: ApiVariables): AuthConfig {
  const rules = {
    issuer: read.PUNCTUAL_AUTH_ISSUER ?? "",
    audience: read.PUNCTUAL_AUTH_AUDIENCE ?? "",
    tenantClaim: read.PUNCTUAL_AUTH_TENANT_CLAIM,
    rolesClaim: read.PUNCTUAL_AUTH_ROLES_CLAIM,
    defaultTenant: read.PUNCTUAL_AUTH_DEFAULT_TENANT,
  };
  switch (read.PUNCTUAL_AUTH) {
    case "off":
      return { kind: "off" };
    case "secret":
      return { kind: "secret", secret: read.PUNCTUAL_AUTH_SECRET ?? "", ...rules };
    case "jwks":
      return {
        kind: "jwks",
        url: read.PUNCTUAL_AUTH_JWKS_URL ?? "",
        algorithms: read.PUNCTUAL_AUTH_ALGORITHMS,
        ...rules,
      };
  }
}
