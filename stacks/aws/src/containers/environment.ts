import type { Input } from "@pulumi/pulumi";
import {
  type Blueprint,
  type Bindings,
  plainBindings,
  type SecretName,
  type Workload,
} from "@punctual/stack-blueprint";
import { COLLECTOR_URL } from "./collector.js";
import { POOL } from "./sizes.js";

export type Secrets = Readonly<Partial<Record<SecretName, Input<string>>>>;

/** What a container is told; it checks all of it by itself, and takes no name that it does not know. */
export function environmentOf(
  workload: Workload,
  { settings }: Pick<Blueprint, "settings">,
  { databaseUrl, region }: { readonly databaseUrl: Input<string>; readonly region: string },
): Readonly<Record<string, Input<string>>> {
  const database = {
    PUNCTUAL_DATABASE_URL: databaseUrl,
    PUNCTUAL_DATABASE_LOGIN: "@punctual/adapter-aws/login",
    // A token is good for the database of one region.
    AWS_REGION: region,
  };
  const { name } = workload;
  // The command line, which reads nothing else.
  if (name !== "api" && name !== "worker") return database;
  return {
    ...plainBindings(workload, settings),
    ...database,
    ...OF_ROLE[name],
    PUNCTUAL_DATABASE_POOL: String(POOL[name]),
    PUNCTUAL_OTLP_URL: COLLECTOR_URL,
  };
}

/** Whoever asks a receiver for up to a minute ends that first. */
export const DRAIN_SECONDS = { api: 30, worker: 65 };

const OF_ROLE: Readonly<Record<"api" | "worker", Bindings>> = {
  api: { PUNCTUAL_ROLES: "api", PUNCTUAL_DRAIN_SECONDS: String(DRAIN_SECONDS.api) },
  worker: { PUNCTUAL_ROLES: "worker", PUNCTUAL_DRAIN_SECONDS: String(DRAIN_SECONDS.worker) },
};

const VARIABLES: Readonly<Record<SecretName, string>> = {
  keys: "PUNCTUAL_SECRET_KEYS",
  auth: "PUNCTUAL_AUTH_SECRET",
};

/** The variables that hold secrets, and where ECS finds what stands in each. */
export function secretsOf(workload: Workload, arns: Secrets): Readonly<Record<string, Input<string>>> {
  const wanted = workload.needs.flatMap((need) => (need.kind === "secret" ? [need.secret] : []));
  return Object.fromEntries(
    wanted.map((secret) => {
      const arn = arns[secret];
      if (arn === undefined) throw new RangeError(`${workload.name} needs the secret ${secret}, and there is none`);
      return [VARIABLES[secret], arn];
    }),
  );
}
