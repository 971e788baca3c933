import { SQS_VARIABLES } from "@punctual/adapter-aws/config";
import { LOG_LEVELS } from "@punctual/adapter-telemetry/config";
import { API_VARIABLES, listed } from "@punctual/api/variables";
import { z } from "zod";

// Each group is what some of the functions need; docs/aws.md says of each variable what it is for.

export const ANY = {
  PUNCTUAL_LOG_LEVEL: z.enum(LOG_LEVELS).default("info"),
  /** Set by Lambda. */
  AWS_LAMBDA_FUNCTION_NAME: z.string().default("punctual"),
};

export const DATABASE = {
  PUNCTUAL_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Asked for each new connection, since it may be rotated while the process lives. */
  PUNCTUAL_DATABASE_PASSWORD_ARN: z.string().min(1).optional(),
  PUNCTUAL_DATABASE_POOL: z.coerce.number().int().min(1).max(1_000).default(2),
};

export const TRANSPORT = SQS_VARIABLES.shape;

export const KEYS = {
  /** The first is used, all are believed. */
  PUNCTUAL_SECRET_KEYS: listed.pipe(z.tuple([z.base64().min(44)], z.base64().min(44))),
};

/** What whoever calls receivers needs. */
export const SENDING = {
  /** Ids, ARNs or aliases: the first wraps, all unwrap. */
  PUNCTUAL_KMS_KEYS: listed.pipe(z.tuple([z.string()], z.string())),
  PUNCTUAL_ALLOW: listed.default([]),
  PUNCTUAL_PUBLIC_URL: API_VARIABLES.shape.PUNCTUAL_PUBLIC_URL,
};

export const SCHEDULER = {
  PUNCTUAL_SCHEDULER: z.enum(["two-stage", "single-stage"]).default("two-stage"),
  PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: z.coerce.number().int().min(0).max(840).default(75),
  PUNCTUAL_SCHEDULER_LINGER_SECONDS: z.coerce.number().int().min(0).max(840).default(55),
  PUNCTUAL_SCHEDULER_LEASE_SECONDS: z.coerce.number().int().min(10).max(3_600).default(120),
};

/** Everybody may ask a function, so `off` is none of its choices; and tokens have an issuer and an audience. */
export const API = {
  ...API_VARIABLES.shape,
  PUNCTUAL_AUTH: z.enum(["secret", "jwks"]),
  PUNCTUAL_AUTH_ISSUER: z.string().min(1),
  PUNCTUAL_AUTH_AUDIENCE: z.string().min(1),
};

/** For tests: where the services of AWS are, if not where the SDK looks for them. */
export const SERVICES = {
  PUNCTUAL_AWS_ENDPOINT: z
    .string()
    .regex(/^https?:\/\//)
    .optional(),
};

/** Where a variable may name a secret instead: `X_ARN` for `X`. */
export const SECRET_VARIABLES = ["PUNCTUAL_SECRET_KEYS", "PUNCTUAL_AUTH_SECRET"] as const;

/** All of them: one environment may be given to all functions. */
export const KNOWN: ReadonlySet<string> = new Set([
  ...[ANY, DATABASE, TRANSPORT, KEYS, SENDING, SCHEDULER, API, SERVICES].flatMap((group) => Object.keys(group)),
  ...SECRET_VARIABLES.map((name) => `${name}_ARN`),
]);

/** What a group says, once it is read. */
export type Of<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;
