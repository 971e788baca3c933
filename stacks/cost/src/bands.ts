import type { EnvironmentName } from "@punctual/stack-blueprint";

/** What an environment is meant to cost in a month, in USD. */
export interface Band {
  readonly least: number;
  readonly most: number;
}

export const BANDS: Readonly<Record<EnvironmentName, Band>> = {
  dev: { least: 50, most: 100 },
  staging: { least: 100, most: 200 },
  production: { least: 300, most: 500 },
};
