import type { Input } from "@pulumi/pulumi";
import { type Bindings, plainBindings, type SecretName, type Workload } from "@punctual/stack-blueprint";
import type { ContainerName, ContainersArgs, SecretPart } from "./parts.js";
import { POOL } from "./sizes.js";

const COLLECTOR_URL = "http://localhost:4318";

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
  const { settings, names } = blueprint;
  const bindings: Bindings = {
    // Receivers are told of it, so it must be right where there is no domain, too.
    PUNCTUAL_PUBLIC_URL: runUrl(names.of("api"), own),
    ...plainBindings(workload, settings),
    PUNCTUAL_ROLES: name,
    PUNCTUAL_DRAIN_SECONDS: DRAIN_SECONDS,
    PUNCTUAL_DATABASE_POOL: String(POOL[settings.environment][name]),
    ...(collector !== null && { PUNCTUAL_OTLP_URL: COLLECTOR_URL }),
  };
  return { ...bindings, ...database };
}

/** What Cloud Run calls a service by its name, known before it is made. */
export function runUrl(
  service: string,
  { projectNumber, region }: { readonly projectNumber: string; readonly region: string },
): string {
  return `https://${service}-${projectNumber}.${region}.run.app`;
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
