export const ENVIRONMENTS = ["dev", "staging", "production"] as const;

export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/** What an environment is given unless its settings say otherwise, on whatever cloud. Sizes of machines are each cloud's own. */
export interface EnvironmentDefaults {
  /** Data centres that it stands in. */
  readonly zones: number;
  /** Whether the database has a standby in another data centre. */
  readonly standby: boolean;
  /** Whether what holds data resists being deleted, and leaves a last copy behind. */
  readonly precious: boolean;
  /** One key of our own for everything, or one for each domain: data, messages, secrets, logs. */
  readonly keys: "shared" | "each";
  readonly backups: { readonly days: number; readonly elsewhere: boolean };
  readonly logs: { readonly level: "debug" | "info"; readonly days: number };
  /** Instances of the worker at the most: with the pool of each they must fit the database. */
  readonly workers: number;
  /** Instances of the API that are kept warm. */
  readonly warm: number;
  readonly throttle: { readonly perSecond: number; readonly burst: number };
  /** Whether traffic is shifted by degrees. */
  readonly canary: boolean;
  readonly firewall: boolean;
  readonly pager: boolean;
  readonly budgetUsd: number;
}

export const DEFAULTS: Readonly<Record<EnvironmentName, EnvironmentDefaults>> = {
  dev: {
    zones: 2,
    standby: false,
    precious: false,
    keys: "shared",
    backups: { days: 7, elsewhere: false },
    logs: { level: "debug", days: 7 },
    workers: 5,
    warm: 0,
    throttle: { perSecond: 50, burst: 100 },
    canary: false,
    firewall: false,
    pager: false,
    budgetUsd: 100,
  },
  staging: {
    zones: 2,
    standby: true,
    precious: true,
    keys: "each",
    backups: { days: 7, elsewhere: false },
    logs: { level: "info", days: 7 },
    workers: 20,
    warm: 0,
    throttle: { perSecond: 200, burst: 400 },
    canary: true,
    firewall: true,
    pager: false,
    budgetUsd: 200,
  },
  production: {
    zones: 3,
    standby: true,
    precious: true,
    keys: "each",
    backups: { days: 7, elsewhere: true },
    logs: { level: "info", days: 7 },
    workers: 100,
    warm: 2,
    throttle: { perSecond: 500, burst: 1_000 },
    canary: true,
    firewall: true,
    pager: true,
    budgetUsd: 500,
  },
};
