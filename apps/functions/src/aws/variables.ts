import { SQS_VARIABLES } from "@punctual/adapter-aws/config";
import { z } from "zod";
import type { Known } from "../config.js";
import * as common from "../variables.js";

export { API, KEYS, type Of, SCHEDULER, SENDING } from "../variables.js";

// Each group is what some of the functions need; docs/aws.md says of each variable what it is for.

export const ANY = {
  ...common.LOGS,
  /** Set by Lambda. */
  AWS_LAMBDA_FUNCTION_NAME: z.string().default("punctual"),
};

export const DATABASE = {
  ...common.DATABASE,
  /** Asked for each new connection, since it may be rotated while the process lives. */
  PUNCTUAL_DATABASE_PASSWORD_ARN: z.string().min(1).optional(),
  /** Whether the database lets the role of the function in, by a token that is signed for new connections. */
  PUNCTUAL_DATABASE_IAM: common.flag.default(false),
};

/** How to log in is said once. */
export function contradictionsInLogin({
  PUNCTUAL_DATABASE_IAM: iam,
  PUNCTUAL_DATABASE_PASSWORD_ARN: name,
  PUNCTUAL_DATABASE_URL: url,
}: common.Of<typeof DATABASE>): readonly string[] {
  if (!iam) return [];
  const { username, password } = new URL(url);
  return [
    ...(name !== undefined ? ["PUNCTUAL_DATABASE_IAM is true, and PUNCTUAL_DATABASE_PASSWORD_ARN is set"] : []),
    ...(password !== "" ? ["PUNCTUAL_DATABASE_IAM is true, and PUNCTUAL_DATABASE_URL has a password"] : []),
    ...(username === "" ? ["PUNCTUAL_DATABASE_IAM is true, and PUNCTUAL_DATABASE_URL names no user"] : []),
  ];
}

export const TRANSPORT = SQS_VARIABLES.shape;

export const SERVICES = { PUNCTUAL_AWS_ENDPOINT: common.endpoint };

/** Where a variable may name a secret instead: `X_ARN` for `X`. */
export const SECRET_VARIABLES = ["PUNCTUAL_SECRET_KEYS", "PUNCTUAL_AUTH_SECRET"] as const;

const { KEYS, SENDING, SCHEDULER, API } = common;

/** All of them: one environment may be given to all functions. */
export const KNOWN: Known = {
  document: "docs/aws.md",
  names: new Set([
    ...[ANY, DATABASE, TRANSPORT, KEYS, SENDING, SCHEDULER, API, SERVICES].flatMap((group) => Object.keys(group)),
    ...SECRET_VARIABLES.map((name) => `${name}_ARN`),
  ]),
};
