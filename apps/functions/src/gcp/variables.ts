import { CLOUD_TASKS_VARIABLES, PUBSUB_VARIABLES } from "@punctual/adapter-gcp/config";
import { listed } from "@punctual/api/variables";
import { z } from "zod";
import type { Environment, Known } from "../config.js";
import * as common from "../variables.js";

export { API, KEYS, type Of, SENDING } from "../variables.js";

// Each group is what some of the services need; docs/gcp.md says of each variable what it is for.

export const ANY = {
  ...common.LOGS,
  PUNCTUAL_GCP_PROJECT: z.string().min(1),
  PUNCTUAL_OTLP_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Set by Cloud Run: the port, and the name of the service, or of the job. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(8_080),
  K_SERVICE: z.string().optional(),
  CLOUD_RUN_JOB: z.string().optional(),
};

export const DATABASE = {
  ...common.DATABASE,
  /** Whether the database lets the service account in, by a token that is asked for with each new connection. */
  PUNCTUAL_DATABASE_IAM: common.flag.default(false),
};

const CHOICE = { PUNCTUAL_TRANSPORT: z.enum(["pubsub", "cloud-tasks"]).default("pubsub") };

export const PUBSUB = { ...CHOICE, ...PUBSUB_VARIABLES.shape };

export const TASKS = { ...CHOICE, ...CLOUD_TASKS_VARIABLES.shape };

/** Who may call a service: Pub/Sub and Cloud Scheduler, by their accounts. */
export const CALLERS = {
  PUNCTUAL_CALLERS: listed.pipe(z.tuple([z.email()], z.email())),
  PUNCTUAL_CALLERS_AUDIENCE: z.string().min(1),
  /** Whether Cloud Run checks tokens before they come here: it takes their signatures away. */
  PUNCTUAL_CALLERS_CHECKED: common.flag.default(false),
  /** For tests: keys of somebody else than Google. */
  PUNCTUAL_CALLERS_JWKS_URL: z.url({ protocol: /^https?$/ }).optional(),
};

/** How long Cloud Scheduler waits for a tick: the `attemptDeadline` of its job. */
const TICK = { PUNCTUAL_TICK_SECONDS: z.coerce.number().int().min(15).max(1_800).default(180) };

/** Pub/Sub holds nothing back, so a tick stays until the next one relieves it, and takes little ahead. */
export const LINGERING = {
  ...common.SCHEDULER,
  ...TICK,
  PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: common.SCHEDULER.PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS.default(5),
  PUNCTUAL_SCHEDULER_LINGER_SECONDS: common.SCHEDULER.PUNCTUAL_SCHEDULER_LINGER_SECONDS.default(840),
};

/** Cloud Tasks holds each event until its time, so a tick takes all until the next one and ends. */
export const LOOKING_AHEAD = {
  ...common.SCHEDULER,
  ...TICK,
  PUNCTUAL_SCHEDULER_LINGER_SECONDS: common.SCHEDULER.PUNCTUAL_SCHEDULER_LINGER_SECONDS.default(0),
};

/** Whether it is Cloud Tasks that carries messages. */
export function isOnTasks(environment: Environment): boolean {
  return environment["PUNCTUAL_TRANSPORT"] === "cloud-tasks";
}

export const SERVICES = { PUNCTUAL_GCP_ENDPOINT: common.endpoint };

const { KEYS, SENDING, API } = common;
const GROUPS = [ANY, DATABASE, PUBSUB, TASKS, KEYS, SENDING, LINGERING, API, CALLERS, SERVICES];

export const KNOWN: Known = {
  document: "docs/gcp.md",
  // The image says to its other program where to listen; Cloud Run does that by the port.
  names: new Set([...GROUPS.flatMap((group) => Object.keys(group)), "PUNCTUAL_HOST"]),
};
