import type { Input } from "@pulumi/pulumi";
import { type Bindings, plainBindings, type SecretName, type Workload } from "@punctual/stack-blueprint";
import { COLLECTOR_URL } from "../collector.js";
import type { ContainerName, ContainersArgs, SecretPart } from "./parts.js";
import { publicUrlOf } from "../public-url.js";
import { poolOf } from "./sizes.js";

/** Cloud Run says SIGTERM, and kills ten seconds later. */
const DRAIN_SECONDS = "8";

/** What a container is told; it checks all of it by itself, and takes no name that it does not know. */
export function environmentOf(
  workload: Workload,
  { blueprint, own, databaseUrls, collector }: Pick<ContainersArgs, "blueprint" | "own" | "databaseUrls" | "collector">,
): Readonly<Record<string, Input<string>>> {
  const name = nameOf(workload);
  const database = {
    PUNCTUAL_DATABASE_URL: databaseUrls[name],
    PUNCTUAL_DATABASE_LOGIN: "@punctual/adapter-gcp/login",
  };
  // The command line, which reads nothing else.
  if (name === "migrate") return database;
  const bindings: Bindings = {
    // Receivers are told of it, so it must be right where there is no domain, too.
    PUNCTUAL_PUBLIC_URL: publicUrlOf({ blueprint, own }),
    ...plainBindings(workload, blueprint.settings),
    PUNCTUAL_ROLES: name,
    PUNCTUAL_DRAIN_SECONDS: DRAIN_SECONDS,
    PUNCTUAL_DATABASE_POOL: String(poolOf(name, own, blueprint.settings.environment)),
    ...(collector !== null && { PUNCTUAL_OTLP_URL: COLLECTOR_URL }),
  };
  return { ...bindings, ...database };
}

const VARIABLES: Readonly<Record<SecretName, string>> = {
  keys: "PUNCTUAL_SECRET_KEYS",
  auth: "PUNCTUAL_AUTH_SECRET",
};

/** The variables that hold secrets, and the version that stands in each. */
export function secretsOf(
  workload: Workload,
  secrets: ContainersArgs["secrets"],
): Readonly<Record<string, SecretPart>> {
  const wanted = workload.needs.flatMap((need) => (need.kind === "secret" ? [need.secret] : []));
  return Object.fromEntries(
    wanted.map((secret) => {
      const part = secrets[secret];
      if (part === undefined) throw new RangeError(`${workload.name} needs the secret ${secret}, and there is none`);
      return [VARIABLES[secret], part];
    }),
  );
}

export function nameOf({ name }: Workload): ContainerName {
  if (name === "api" || name === "worker" || name === "migrate") return name;
  throw new RangeError(`${name} does not run as a container`);
}
