import { KeyManagementServiceClient } from "@google-cloud/kms";
import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import type { Clock, DataKeys, Secrets } from "@punctual/core";
import { atEndpoint } from "../auth/at-endpoint.js";
import { CloudKmsDataKeys } from "./cloud-kms-data-keys.js";
import { SecretManagerSecrets } from "./secret-manager-secrets.js";

export interface EndpointOptions {
  /** An emulator, which is asked by HTTP and without credentials; null is Google. */
  readonly endpoint: string | null;
}

/** A rotation is seen within minutes; and nothing stops for as long while Secret Manager is away. */
const AGES = { maxAgeMs: 300_000, graceMs: 3_600_000 };

/** `project`: where secrets are that are named without one. */
export function openSecrets({ endpoint }: EndpointOptions, project: string, clock: Clock): Secrets {
  return new SecretManagerSecrets(new SecretManagerServiceClient(atEndpoint(endpoint)), clock, { ...AGES, project });
}

/** `keys`: the first wraps, all unwrap. */
export function openKms({ endpoint }: EndpointOptions, keys: readonly [string, ...string[]]): DataKeys {
  return new CloudKmsDataKeys(new KeyManagementServiceClient(atEndpoint(endpoint)), ...keys);
}
