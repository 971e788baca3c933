import { isLoopback } from "@punctual/api";
import { API_VARIABLES, type ApiConfig, apiConfigOf, contradictionsIn, listed } from "@punctual/api/variables";
import { LOG_LEVELS, type LogLevel } from "@punctual/adapter-telemetry/config";
import { VARIABLE_PREFIX, type Variables } from "@punctual/adapter-sdk";
import { z } from "zod";

export const ROLES = ["api", "worker"] as const;
export type Role = (typeof ROLES)[number];

/** Where schedules and events are. */
export type StoresConfig =
  | { readonly kind: "memory" }
  | { readonly kind: "embedded"; readonly dataDir: string }
  | {
      readonly kind: "given";
      readonly url: string;
      readonly poolSize: number;
      readonly migrate: boolean;
      /** Null where the URL says the password, or none is asked for. */
      readonly login: LoginConfig | null;
    };

/** What logs in to the database. */
export interface LoginConfig {
  /** The name of a package, or a path. */
  readonly specifier: string;
  readonly environment: Variables;
}

/** What carries claimed events from scheduler to worker. */
export interface TransportConfig {
  /** The name of a package, or a path. */
  readonly specifier: string;
  readonly variables: Variables;
  /** How far ahead of their time events are handed over at most. */
  readonly lookAheadMs: number;
}

/** All that the program is told, checked. */
export interface StandaloneConfig extends ApiConfig {
  readonly host: string;
  readonly port: number;
  /** Whether it serves this machine alone, and whoever sits before it: nobody shows a token. */
  readonly local: boolean;
  /** Where metrics and health are asked for besides; null where only `port` answers. */
  readonly opsPort: number | null;
  readonly roles: readonly Role[];
  readonly stores: StoresConfig;
  /** Null where whoever claims an event delivers it. */
  readonly transport: TransportConfig | null;
  /** What seals the secrets of destinations, the one in use first; null has one made and kept with the data. */
  readonly secretKeys: readonly [string, ...string[]] | null;
  /** What may be called although it is on the inside. */
  readonly allow: readonly string[];
  readonly logLevel: LogLevel;
  readonly otlpUrl: string | null;
  readonly drainMs: number;
}

const port = z.coerce.number().int().min(0).max(65_535);
const url = z.url({ protocol: /^https?$/ });
const flag = z.enum(["true", "false"]).transform((text) => text === "true");

/** Every variable that the program reads, with what `docs/configuration.md` says of it. */
export const VARIABLES = z.object({
  PUNCTUAL_HOST: z.string().min(1).default("127.0.0.1"),
  PUNCTUAL_PORT: port.default(7_700),
  PUNCTUAL_OPS_PORT: port.optional(),
  PUNCTUAL_ROLES: listed.pipe(z.array(z.enum(ROLES)).min(1)).default([...ROLES]),
  PUNCTUAL_DATA: z.string().min(1).default(".punctual"),
  PUNCTUAL_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  PUNCTUAL_DATABASE_LOGIN: z.string().min(1).optional(),
  PUNCTUAL_DATABASE_POOL: z.coerce.number().int().min(2).max(1_000).default(10),
  PUNCTUAL_MIGRATE: flag.default(false),
  PUNCTUAL_TRANSPORT: z.string().min(1).optional(),
  PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: z.coerce.number().int().min(0).max(840).optional(),
  PUNCTUAL_SECRET_KEYS: listed.pipe(z.tuple([z.base64()], z.base64())).optional(),
  ...API_VARIABLES.shape,
  PUNCTUAL_ALLOW: listed.optional(),
  PUNCTUAL_LOG_LEVEL: z.enum(LOG_LEVELS).optional(),
  PUNCTUAL_OTLP_URL: url.optional(),
  PUNCTUAL_DRAIN_SECONDS: z.coerce.number().int().min(0).max(3_600).default(25),
});

type Read = z.output<typeof VARIABLES>;

/** Thrown where the program was told something that it cannot do: all of it, in one message. */
export class BadConfig extends Error {}

export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): StandaloneConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => (value ?? "") !== ""));
  const read = VARIABLES.safeParse(given);
  const wrong = [
    ...args.filter((one) => one !== "--memory").map((one) => `${one} is no option; there is --memory`),
    ...Object.keys(given)
      .filter((name) => isUnknown(name) && !isOfTransport(name, given))
      .map((name) => `${name} is no variable of this program; see docs/configuration.md`),
    // What was given is not repeated: it may be a secret.
    ...(read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)),
  ];
  const memory = args.includes("--memory");
  if (read.success) wrong.push(...contradictionsIn(read.data), ...contradictionsWith(read.data, memory));
  if (!read.success || wrong.length > 0) throw new BadConfig([...new Set(wrong)].join("\n"));
  return configOf(read.data, memory, given);
}

/** What the transport is told it alone can judge. */
function isOfTransport(name: string, given: Variables): boolean {
  return name.startsWith(VARIABLE_PREFIX) && given["PUNCTUAL_TRANSPORT"] !== undefined;
}

/** A slip in a name would go unseen otherwise, and with it what it was meant to say. What clients read is theirs. */
function isUnknown(name: string): boolean {
  return name.startsWith("PUNCTUAL_") && !Object.hasOwn(VARIABLES.shape, name) && !OF_CLIENTS.has(name);
}

const OF_CLIENTS: ReadonlySet<string> = new Set(["PUNCTUAL_URL", "PUNCTUAL_TOKEN"]);

function contradictionsWith(read: Read, memory: boolean): readonly string[] {
  const needs = (name: keyof Read, because: string) =>
    read[name] === undefined ? [`${name} is needed where ${because}`] : [];
  const database = read.PUNCTUAL_DATABASE_URL !== undefined;
  return [
    ...(memory && database ? ["--memory needs no PUNCTUAL_DATABASE_URL"] : []),
    ...(database
      ? needs("PUNCTUAL_SECRET_KEYS", "PUNCTUAL_DATABASE_URL is set: all programs on one database share them")
      : []),
    ...(read.PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS === undefined
      ? []
      : needs("PUNCTUAL_TRANSPORT", "PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS is set: who delivers takes nothing ahead")),
    ...(read.PUNCTUAL_DATABASE_LOGIN === undefined
      ? []
      : needs("PUNCTUAL_DATABASE_URL", "PUNCTUAL_DATABASE_LOGIN is set: it says whom to log in as, and where")),
    ...(read.PUNCTUAL_DATABASE_LOGIN !== undefined && hasPassword(read.PUNCTUAL_DATABASE_URL)
      ? [
          "PUNCTUAL_DATABASE_URL holds a password, and PUNCTUAL_DATABASE_LOGIN is there to give one: leave one of them out",
        ]
      : []),
    ...(database || read.PUNCTUAL_ROLES.length === ROLES.length
      ? []
      : ["PUNCTUAL_DATABASE_URL is needed where PUNCTUAL_ROLES leaves one out: the other has to reach the same data"]),
  ];
}

function hasPassword(url: string | undefined): boolean {
  return url !== undefined && new URL(url).password !== "";
}

function configOf(read: Read, memory: boolean, given: Variables): StandaloneConfig {
  // Without a token nobody else is let in; a worker alone, wherever it listens, lets nobody in at all.
  const local = read.PUNCTUAL_AUTH === "off" && isLoopback(read.PUNCTUAL_HOST);
  return Object.freeze({
    ...apiConfigOf(read),
    host: read.PUNCTUAL_HOST,
    local,
    port: read.PUNCTUAL_PORT,
    opsPort: read.PUNCTUAL_OPS_PORT ?? null,
    roles: [...new Set(read.PUNCTUAL_ROLES)],
    stores: storesOf(read, memory, given),
    transport: transportOf(read, given),
    secretKeys: read.PUNCTUAL_SECRET_KEYS ?? null,
    allow: read.PUNCTUAL_ALLOW ?? (local ? ["127.0.0.0/8", "::1", "localhost"] : []),
    logLevel: read.PUNCTUAL_LOG_LEVEL ?? (local ? "warn" : "info"),
    otlpUrl: read.PUNCTUAL_OTLP_URL?.replace(/\/+$/, "") ?? null,
    drainMs: read.PUNCTUAL_DRAIN_SECONDS * 1_000,
  });
}

function storesOf(read: Read, memory: boolean, environment: Variables): StoresConfig {
  if (memory) return { kind: "memory" };
  const { PUNCTUAL_DATABASE_URL: url, PUNCTUAL_DATABASE_POOL: poolSize, PUNCTUAL_MIGRATE: migrate } = read;
  if (url === undefined) return { kind: "embedded", dataDir: read.PUNCTUAL_DATA };
  const { PUNCTUAL_DATABASE_LOGIN: specifier } = read;
  return { kind: "given", url, poolSize, migrate, login: specifier === undefined ? null : { specifier, environment } };
}

const LOOK_AHEAD_SECONDS = 60;

function transportOf(read: Read, given: Variables): TransportConfig | null {
  const { PUNCTUAL_TRANSPORT: specifier, PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: ahead = LOOK_AHEAD_SECONDS } = read;
  if (specifier === undefined) return null;
  const variables = Object.fromEntries(Object.entries(given).filter(([name]) => isOfTransport(name, given)));
  return { specifier, variables, lookAheadMs: ahead * 1_000 };
}
