import { ASYMMETRIC, type AuthConfig, isLoopback } from "@punctual/api";
import { LOG_LEVELS, type LogLevel } from "@punctual/adapter-telemetry/config";
import { z } from "zod";

export const ROLES = ["api", "worker"] as const;
export type Role = (typeof ROLES)[number];

/** Where schedules and events are. */
export type StoresConfig =
  | { readonly kind: "memory" }
  | { readonly kind: "embedded"; readonly dataDir: string }
  | { readonly kind: "given"; readonly url: string; readonly poolSize: number; readonly migrate: boolean };

/** All that the program is told, checked. */
export interface StandaloneConfig {
  readonly host: string;
  readonly port: number;
  /** Where metrics and health are asked for besides; null where only `port` answers. */
  readonly opsPort: number | null;
  readonly roles: readonly Role[];
  readonly stores: StoresConfig;
  /** What seals the secrets of destinations, the one in use first; null has one made and kept with the data. */
  readonly secretKeys: readonly [string, ...string[]] | null;
  readonly auth: AuthConfig;
  /** What receivers reach the API by; null is where it listens. */
  readonly publicUrl: string | null;
  /** What may be called although it is on the inside. */
  readonly allow: readonly string[];
  readonly greetings: Greetings;
  readonly origins: readonly string[];
  /** Requests of a tenant; null has no limit. */
  readonly ratePerMinute: number | null;
  readonly logLevel: LogLevel;
  readonly otlpUrl: string | null;
  readonly drainMs: number;
}

/** Where birthday greetings go: to a destination, or to a URL of its own; neither leaves it to the built-in receiver. */
export interface Greetings {
  readonly destinationId: string | null;
  readonly url: string | null;
  readonly time: string | null;
}

const port = z.coerce.number().int().min(0).max(65_535);
const url = z.url({ protocol: /^https?$/ });
const flag = z.enum(["true", "false"]).transform((text) => text === "true");

/** What stands between commas. */
const listed = z.string().transform((text) =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== ""),
);

/** Every variable that the program reads, with what `docs/configuration.md` says of it. */
export const VARIABLES = z.object({
  PUNCTUAL_HOST: z.string().min(1).default("127.0.0.1"),
  PUNCTUAL_PORT: port.default(7_700),
  PUNCTUAL_OPS_PORT: port.optional(),
  PUNCTUAL_ROLES: listed.pipe(z.array(z.enum(ROLES)).min(1)).default([...ROLES]),
  PUNCTUAL_DATA: z.string().min(1).default(".punctual"),
  PUNCTUAL_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  PUNCTUAL_DATABASE_POOL: z.coerce.number().int().min(2).max(1_000).default(10),
  PUNCTUAL_MIGRATE: flag.default(false),
  PUNCTUAL_SECRET_KEYS: listed.pipe(z.tuple([z.base64()], z.base64())).optional(),
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
  PUNCTUAL_ALLOW: listed.optional(),
  PUNCTUAL_GREETINGS_DESTINATION: z.uuid().optional(),
  PUNCTUAL_GREETINGS_URL: url.optional(),
  PUNCTUAL_GREETINGS_TIME: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/)
    .optional(),
  PUNCTUAL_CORS_ORIGINS: listed.pipe(z.array(z.url({ protocol: /^https?$/ }))).default([]),
  PUNCTUAL_RATE_PER_MINUTE: z.coerce.number().int().min(0).max(10_000_000).optional(),
  PUNCTUAL_LOG_LEVEL: z.enum(LOG_LEVELS).optional(),
  PUNCTUAL_OTLP_URL: url.optional(),
  PUNCTUAL_DRAIN_SECONDS: z.coerce.number().int().min(0).max(3_600).default(25),
});

type Variables = z.output<typeof VARIABLES>;

/** Thrown where the program was told something that it cannot do: all of it, in one message. */
export class BadConfig extends Error {}

export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): StandaloneConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const read = VARIABLES.safeParse(given);
  const wrong = [
    ...args.filter((one) => one !== "--memory").map((one) => `${one} is no option; there is --memory`),
    ...Object.keys(given)
      .filter(isUnknown)
      .map((name) => `${name} is no variable of this program; see docs/configuration.md`),
    // What was given is not repeated: it may be a secret.
    ...(read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)),
  ];
  const memory = args.includes("--memory");
  if (read.success) wrong.push(...contradictionsIn(read.data, memory));
  if (!read.success || wrong.length > 0) throw new BadConfig([...new Set(wrong)].join("\n"));
  return configOf(read.data, memory);
}

/** A slip in a name would go unseen otherwise, and with it what it was meant to say. What clients read is theirs. */
function isUnknown(name: string): boolean {
  return name.startsWith("PUNCTUAL_") && !Object.hasOwn(VARIABLES.shape, name) && !OF_CLIENTS.has(name);
}

const OF_CLIENTS: ReadonlySet<string> = new Set(["PUNCTUAL_URL", "PUNCTUAL_TOKEN"]);

function contradictionsIn(read: Variables, memory: boolean): readonly string[] {
  const needs = (name: keyof Variables, because: string) =>
    read[name] === undefined ? [`${name} is needed where ${because}`] : [];
  const auth = `PUNCTUAL_AUTH is ${read.PUNCTUAL_AUTH}`;
  const database = read.PUNCTUAL_DATABASE_URL !== undefined;
  return [
    ...(memory && database ? ["--memory needs no PUNCTUAL_DATABASE_URL"] : []),
    ...(database
      ? needs("PUNCTUAL_SECRET_KEYS", "PUNCTUAL_DATABASE_URL is set: all programs on one database share them")
      : []),
    ...(database || read.PUNCTUAL_ROLES.length === ROLES.length
      ? []
      : ["PUNCTUAL_DATABASE_URL is needed where PUNCTUAL_ROLES leaves one out: the other has to reach the same data"]),
    ...(read.PUNCTUAL_AUTH === "secret" ? needs("PUNCTUAL_AUTH_SECRET", auth) : []),
    ...(read.PUNCTUAL_AUTH === "jwks" ? needs("PUNCTUAL_AUTH_JWKS_URL", auth) : []),
    ...(read.PUNCTUAL_AUTH === "off"
      ? []
      : [...needs("PUNCTUAL_AUTH_ISSUER", auth), ...needs("PUNCTUAL_AUTH_AUDIENCE", auth)]),
  ];
}

function configOf(read: Variables, memory: boolean): StandaloneConfig {
  const off = read.PUNCTUAL_AUTH === "off";
  const perMinute = read.PUNCTUAL_RATE_PER_MINUTE ?? (off ? 0 : 6_000);
  return Object.freeze({
    host: read.PUNCTUAL_HOST,
    port: read.PUNCTUAL_PORT,
    opsPort: read.PUNCTUAL_OPS_PORT ?? null,
    roles: [...new Set(read.PUNCTUAL_ROLES)],
    stores: storesOf(read, memory),
    secretKeys: read.PUNCTUAL_SECRET_KEYS ?? null,
    auth: authOf(read),
    publicUrl: read.PUNCTUAL_PUBLIC_URL?.replace(/\/+$/, "") ?? null,
    allow: read.PUNCTUAL_ALLOW ?? (off ? ["127.0.0.0/8", "::1", "localhost"] : []),
    greetings: {
      destinationId: read.PUNCTUAL_GREETINGS_DESTINATION ?? null,
      url: read.PUNCTUAL_GREETINGS_URL ?? null,
      time: read.PUNCTUAL_GREETINGS_TIME ?? null,
    },
    origins: read.PUNCTUAL_CORS_ORIGINS.map((one) => new URL(one).origin),
    ratePerMinute: perMinute === 0 ? null : perMinute,
    logLevel: read.PUNCTUAL_LOG_LEVEL ?? (off && isLoopback(read.PUNCTUAL_HOST) ? "warn" : "info"),
    otlpUrl: read.PUNCTUAL_OTLP_URL?.replace(/\/+$/, "") ?? null,
    drainMs: read.PUNCTUAL_DRAIN_SECONDS * 1_000,
  });
}

function storesOf(read: Variables, memory: boolean): StoresConfig {
  if (memory) return { kind: "memory" };
  const { PUNCTUAL_DATABASE_URL: url, PUNCTUAL_DATABASE_POOL: poolSize, PUNCTUAL_MIGRATE: migrate } = read;
  return url === undefined
    ? { kind: "embedded", dataDir: read.PUNCTUAL_DATA }
    : { kind: "given", url, poolSize, migrate };
}

function authOf(read: Variables): AuthConfig {
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
