import type { EnvironmentName } from "@punctual/stack-blueprint";
import type { GcpSettings } from "./settings.js";

/** Sizes that are Google's own. */
export interface GcpDefaults {
  readonly tier: string;
  /** To begin with: it grows by itself, up to the most. */
  readonly storageGb: number;
  readonly mostStorageGb: number;
  /** Instances of the API at the most. */
  readonly apiInstances: number;
  /** How much of what goes through the network is written down. */
  readonly flowSampling: number;
  /** Whether Cloud Armor learns what is usual. */
  readonly adaptiveProtection: boolean;
  /** Days in which a key can still be saved from destruction. */
  readonly keyDestroyDays: number;
}

export const GCP_DEFAULTS: Readonly<Record<EnvironmentName, GcpDefaults>> = {
  dev: {
    tier: "db-f1-micro",
    storageGb: 10,
    mostStorageGb: 50,
    apiInstances: 3,
    flowSampling: 0.1,
    adaptiveProtection: false,
    keyDestroyDays: 7,
  },
  staging: {
    tier: "db-custom-1-3840",
    storageGb: 10,
    mostStorageGb: 100,
    apiInstances: 10,
    flowSampling: 0.5,
    adaptiveProtection: false,
    keyDestroyDays: 7,
  },
  production: {
    tier: "db-custom-2-7680",
    storageGb: 50,
    mostStorageGb: 200,
    apiInstances: 50,
    flowSampling: 0.5,
    adaptiveProtection: true,
    keyDestroyDays: 30,
  },
};

/** Of an instance that answers requests: it has few at once. */
const POOL = 2;

export interface DatabaseSize {
  readonly tier: string;
  readonly storageGb: number;
  readonly mostStorageGb: number;
  readonly pool: number;
}

export function databaseSizeOf({ database }: GcpSettings, environment: EnvironmentName): DatabaseSize {
  const { tier, storageGb, mostStorageGb } = GCP_DEFAULTS[environment];
  return {
    tier: database.tier ?? tier,
    storageGb: database.storageGb ?? storageGb,
    mostStorageGb: database.mostStorageGb ?? mostStorageGb,
    pool: database.pool ?? POOL,
  };
}
