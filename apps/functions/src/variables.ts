import { LOG_LEVELS } from "@punctual/adapter-telemetry/config";
import { API_VARIABLES, listed } from "@punctual/api/variables";
import { z } from "zod";

// What some of the functions need on every cloud; docs/aws.md and docs/gcp.md say of each variable what it is for.

export const flag = z.enum(["true", "false"]).transform((text) => text === "true");

export const LOGS = { PUNCTUAL_LOG_LEVEL: z.enum(LOG_LEVELS).default("info") };

export const DATABASE = {
  PUNCTUAL_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  PUNCTUAL_DATABASE_POOL: z.coerce.number().int().min(1).max(1_000).default(2),
};

export const KEYS = {
  /** The first is used, all are believed. */
  PUNCTUAL_SECRET_KEYS: listed.pipe(z.tuple([z.base64().min(44)], z.base64().min(44))),
};

/** What whoever calls receivers needs. */
export const SENDING = {
  /** As the cloud's service of keys names them: the first wraps, all unwrap. */
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

/** Where the services of a cloud are in tests, if not where its SDK looks for them. */
export const endpoint = z
  .string()
  .regex(/^https?:\/\//)
  .optional();

/** What a group says, once it is read. */
export type Of<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;
