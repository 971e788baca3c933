import type { Input } from "@pulumi/pulumi";
import {
  needs,
  plainBindings,
  type QueueName,
  type SecretName,
  type Settings,
  type Workload,
} from "@punctual/stack-blueprint";
import { AWS_DEFAULTS } from "./settings.js";

/** What workloads are told of what was made for them. */
export interface Made<T> {
  readonly queues: Readonly<Partial<Record<QueueName, T>>>;
  readonly databaseUrl: T;
  /** ARNs: a function asks for what they hold when it is loaded. */
  readonly secrets: Readonly<Partial<Record<SecretName, T>>>;
  /** The key that seals secrets of destinations. */
  readonly sealing: T | undefined;
}

const OF_SECRETS: Readonly<Record<SecretName, string>> = {
  keys: "PUNCTUAL_SECRET_KEYS_ARN",
  auth: "PUNCTUAL_AUTH_SECRET_ARN",
};

/** The variables of a function: all that it reads and has no default that will do, and no others. */
export function bindingsOf<T = Input<string>>(
  workload: Workload,
  settings: Settings,
  made: Made<T>,
): Readonly<Record<string, T | string>> {
  return {
    ...plainBindings(workload, settings),
    ...(workload.trigger.kind === "minute" && ofTicks(settings)),
    ...(needs(workload, "database") && { PUNCTUAL_DATABASE_URL: made.databaseUrl, PUNCTUAL_DATABASE_IAM: "true" }),
    ...(carries(workload) && named("PUNCTUAL_TRANSPORT_QUEUE_URL", made.queues.events)),
    ...(carries(workload) && named("PUNCTUAL_TRANSPORT_DEAD_LETTER_URL", made.queues["dead-letters"])),
    ...(publishes(workload, "unreadable") && named("PUNCTUAL_TRANSPORT_UNREADABLE_URL", made.queues.unreadable)),
    ...((needs(workload, "seal") || needs(workload, "open")) && named("PUNCTUAL_KMS_KEYS", made.sealing)),
    ...ofSecrets(workload, made),
  };
}

function ofTicks({ environment }: Settings): Readonly<Record<string, string>> {
  return AWS_DEFAULTS[environment].punctualTo === "minute" ? { PUNCTUAL_SCHEDULER_LINGER_SECONDS: "0" } : {};
}

function ofSecrets<T>({ needs: all }: Workload, { secrets }: Made<T>): Readonly<Record<string, T>> {
  const held = all.flatMap((need) => (need.kind === "secret" ? [need.secret] : []));
  return held.reduce((sum, one) => ({ ...sum, ...named(OF_SECRETS[one], secrets[one]) }), {});
}

/** Whoever has to do with one queue is told of both: which of them it may use is for permissions to say. */
function carries(workload: Workload): boolean {
  return needs(workload, "publish") || needs(workload, "consume") || needs(workload, "watch");
}

function publishes({ needs: all }: Workload, queue: QueueName): boolean {
  return all.some((need) => need.kind === "publish" && need.queue === queue);
}

function named<T>(variable: string, value: T | undefined): Readonly<Record<string, T>> {
  if (value === undefined) throw new RangeError(`There is nothing for ${variable}`);
  return { [variable]: value };
}
