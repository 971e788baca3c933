import type { EnvironmentName } from "@punctual/stack-blueprint";

export interface Sizes {
  readonly api: { readonly least: number; readonly most: number };
  /** Cloud Run starts no more workers by itself. */
  readonly workers: number;
}

/** With all of them, and twice as many while a deployment goes on, their connections fit the usual database. */
export const SIZES: Readonly<Record<EnvironmentName, Sizes>> = {
  dev: { api: { least: 0, most: 1 }, workers: 1 },
  staging: { api: { least: 1, most: 3 }, workers: 2 },
  production: { api: { least: 2, most: 8 }, workers: 2 },
};

/** Connections of one instance. A worker opens one more, on which it listens. */
export const POOL: Readonly<Record<EnvironmentName, { readonly api: number; readonly worker: number }>> = {
  dev: { api: 2, worker: 4 },
  staging: { api: 4, worker: 6 },
  production: { api: 4, worker: 6 },
};
