import { z } from "zod";
import { ENVIRONMENTS } from "./environments.js";
import { objectionsTo, RUNTIMES, SCHEDULERS, type Shape, USUAL } from "./shape.js";

const text = z.string().min(1);
const domain = z.string().regex(/^(?=.{4,253}$)([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}$/, "must be a DNS name");
/** Pulumi keeps what is not set as an empty text. */
const orNone = <T extends z.ZodType>(schema: T) =>
  z
    .literal("")
    .transform(() => undefined)
    .or(schema)
    .optional();

const TOKENS = z.strictObject({
  kind: z.enum(["secret", "jwks"]),
  issuer: text,
  audience: text,
  jwksUrl: z.url({ protocol: /^https$/ }).optional(),
  tenantClaim: text.optional(),
  rolesClaim: text.optional(),
  defaultTenant: text.optional(),
});

/** What every stack is told, whatever its cloud. Its keys are those of `punctual:` in a stack's file. */
const SETTINGS = z.strictObject({
  environment: z.enum(ENVIRONMENTS),
  runtime: z.enum(RUNTIMES).default("serverless"),
  scheduler: orNone(z.enum(SCHEDULERS)),
  /** The package that carries messages between containers, and brings what it needs for that. */
  transport: orNone(text),
  /** The name of this environment; without one it has what the cloud calls it. */
  domain: orNone(domain),
  /** The zone that the name is in, as the cloud's DNS names it. */
  zone: orNone(text),
  tokens: TOKENS,
  alertEmail: z.email(),
  /** Where a pager takes alarms by HTTPS. */
  pagerUrl: orNone(z.url({ protocol: /^https$/ })),
  monthlyBudgetUsd: z.number().int().min(1).optional(),
  logDays: z.number().int().min(1).max(3_653).optional(),
  corsOrigins: z.array(z.union([z.literal("*"), z.url({ protocol: /^https?$/ })])).default([]),
  /** Where receivers are: on the inside alone, or anywhere. */
  receivers: z.enum(["anywhere", "inside"]).default("anywhere"),
  /** Addresses and names on the inside that may be called. */
  allow: z.array(text).default([]),
  owner: text.default("platform"),
  costCenter: text.default("punctual"),
  repository: text.default("punctual"),
});

/** All that a stack can be told, whatever its cloud. */
export const SETTING_NAMES: readonly string[] = Object.keys(SETTINGS.shape);

export interface Settings extends Omit<z.output<typeof SETTINGS>, "runtime" | "scheduler"> {
  readonly shape: Shape;
}

/**
 * What was read, or everything that is wrong with it. `otherwise` is what there would be if that were right: whatever else stands
 * against it can be told in the same message.
 */
export type Reading<T> =
  | { readonly ok: T; readonly wrong?: never; readonly otherwise?: never }
  | { readonly ok?: never; readonly wrong: readonly string[]; readonly otherwise?: T };

/** The values of a stack's configuration, by their names without `punctual:`. */
export type Raw = Readonly<Record<string, unknown>>;

/** What a stack is called and what it is told must be one. */
export interface StackName {
  readonly cloud: string;
  readonly environment: string;
}

export function parseStackName(name: string, clouds: readonly string[]): Reading<StackName> {
  const [cloud = "", environment = "", ...more] = name.split("-");
  const known = clouds.includes(cloud) && ENVIRONMENTS.some((one) => one === environment) && more.length === 0;
  if (known) return { ok: { cloud, environment } };
  return { wrong: [`a stack is called <${clouds.join("|")}>-<${ENVIRONMENTS.join("|")}>, and this one ${name}`] };
}

export function readSettings(raw: Raw, stack: StackName): Reading<Settings> {
  const read = readBy(SETTINGS, raw, { standIns: { ...STAND_INS, environment: stack.environment } });
  const { ok: data = read.otherwise } = read;
  if (data === undefined) return { wrong: read.wrong ?? [] };
  const { runtime, scheduler = USUAL[runtime], ...rest } = data;
  const settings: Settings = { ...rest, shape: { runtime, scheduler } };
  const wrong = [
    ...(read.wrong ?? []),
    ...(settings.environment === stack.environment
      ? []
      : [`environment is ${settings.environment}, and the stack is one of ${stack.environment}`]),
    ...objectionsTo(settings.shape),
    ...contradictionsIn(settings),
  ];
  return wrong.length > 0 ? { wrong, otherwise: settings } : { ok: settings };
}

/** For what everybody must say and somebody has not. */
const STAND_INS: Raw = {
  alertEmail: "nobody@example.com",
  tokens: { kind: "secret", issuer: "https://example.com/", audience: "nobody" },
};

function contradictionsIn(settings: Settings): readonly string[] {
  const { environment, shape, transport, domain: name, zone, tokens, corsOrigins } = settings;
  return [
    ...(transport !== undefined && shape.runtime === "serverless"
      ? [`transport is ${transport}, and runtime is serverless: functions are called by the queue of their cloud alone`]
      : []),
    ...(name !== undefined && zone === undefined
      ? [`domain is ${name}, and zone does not say where its records go`]
      : []),
    ...(environment !== "dev" && corsOrigins.includes("*") ? ["corsOrigins may be * in dev alone"] : []),
    ...(corsOrigins.includes("*") && corsOrigins.length > 1 ? ["corsOrigins is * and names besides"] : []),
    ...(tokens.kind === "jwks" && tokens.jwksUrl === undefined
      ? ["tokens.jwksUrl is needed where tokens.kind is jwks"]
      : []),
  ];
}

interface ReadOptions {
  /** Whose settings they are: `aws`. */
  readonly under?: string;
  /** For those without a default, where they are wrong: anything that nothing stands against. */
  readonly standIns?: Raw;
}

/** Reads settings by a schema, those of a cloud, too. */
export function readBy<T>(schema: z.ZodType<T>, raw: unknown, { under, standIns = {} }: ReadOptions = {}): Reading<T> {
  const { success, data, error } = schema.safeParse(raw ?? {});
  if (success) return { ok: data };
  const wrong = complaintsOf(error, under);
  const bad = new Set(error.issues.flatMap((issue) => topOf(issue)));
  const right = Object.entries(Object(raw) as Raw).filter(([key]) => !bad.has(key));
  const stood = Object.entries(standIns).filter(([key]) => bad.has(key));
  const again = schema.safeParse(Object.fromEntries([...right, ...stood]));
  return { wrong, ...(again.success && { otherwise: again.data }) };
}

function topOf(issue: z.core.$ZodIssue): readonly string[] {
  const [top] = issue.path;
  if (top !== undefined) return [String(top)];
  return issue.code === "unrecognized_keys" ? issue.keys : [];
}

function complaintsOf(error: z.ZodError, under?: string): readonly string[] {
  return error.issues.flatMap((issue) => {
    const path = [...(under === undefined ? [] : [under]), ...issue.path].join(".");
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => `${path === "" ? key : `${path}.${key}`} is no setting`);
    }
    return [path === "" ? issue.message : `${path}: ${issue.message}`];
  });
}
