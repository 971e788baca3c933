import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Clock, DataKeys, Secrets } from "@punctual/core";
import { KmsDataKeys } from "./kms-data-keys.js";
import { SecretsManagerSecrets } from "./secrets-manager-secrets.js";

export interface ServiceOptions {
  /** As the SDK finds it, if null. */
  readonly endpoint: string | null;
}

/** A rotation is seen within minutes; and nothing stops for as long while Secrets Manager is away. */
const AGES = { maxAgeMs: 300_000, graceMs: 3_600_000 };
const TIMELY = { requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000 } };

export function openSecrets({ endpoint }: ServiceOptions, clock: Clock): Secrets {
  return new SecretsManagerSecrets(new SecretsManagerClient({ ...TIMELY, ...at(endpoint) }), clock, AGES);
}

/** `keys`: the first wraps, all unwrap. */
export function openKms({ endpoint }: ServiceOptions, keys: readonly [string, ...string[]]): DataKeys {
  return new KmsDataKeys(new KMSClient({ ...TIMELY, ...at(endpoint) }), ...keys);
}

function at(endpoint: string | null): { endpoint?: string } {
  return endpoint === null ? {} : { endpoint };
}
