import type { Blueprint, EnvironmentName } from "@punctual/stack-blueprint";
import type { GcpSettings } from "../settings.js";

export interface Sizes {
  readonly api: { readonly least: number; readonly most: number };
  /** Cloud Run starts no more workers by itself. */
  readonly workers: number;
}

/** With all of them, and twice as many while a deployment goes on, their connections fit the usual database. */
export const SIZES: Readonly<Record<EnvironmentName, Sizes>> = {
  dev: { api: { least: 0, most: 1 }, workers: 1 },
  // One: what it had under way when it is lost waits for its lease, and production shows what two do.
  staging: { api: { least: 1, most: 3 }, workers: 1 },
  production: { api: { least: 2, most: 8 }, workers: 2 },
};

/** Connections of one instance. A worker opens one more, on which it listens. */
export const POOL: Readonly<Record<EnvironmentName, { readonly api: number; readonly worker: number }>> = {
  dev: { api: 2, worker: 4 },
  staging: { api: 4, worker: 6 },
  production: { api: 4, worker: 6 },
};

/** The program begins with no fewer. */
export const LEAST_POOL = 2;

/** What the command line opens. */
const MIGRATION = 3;

export function sizesOf({ instances, started }: GcpSettings, environment: EnvironmentName): Sizes {
  const { api, workers } = SIZES[environment];
  const most = instances.api ?? api.most;
  if (!started) return { api: { least: 0, most }, workers: 0 };
  return { api: { least: Math.min(api.least, most), most }, workers: instances.worker ?? workers };
}

export function poolOf(name: "api" | "worker", { database }: GcpSettings, environment: EnvironmentName): number {
  return database.pool ?? POOL[environment][name];
}

/** The connections of everything at once: while a deployment goes on there are twice as many, and what migrates. */
export function connectionsOfContainers(own: GcpSettings, { settings }: Blueprint): number {
  const { environment } = settings;
  const { api, workers } = sizesOf(own, environment);
  const running = api.most * poolOf("api", own, environment) + workers * (poolOf("worker", own, environment) + 1);
  return 2 * running + MIGRATION;
}
