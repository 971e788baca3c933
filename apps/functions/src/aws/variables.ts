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
};

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
