import { sqsConfigOf } from "@punctual/adapter-aws/config";
import { databasePassword, openKms, openSecrets, type OpenSqs, openSqs } from "@punctual/adapter-aws/wiring";
import { keysFor } from "@punctual/adapter-local/wiring";
import { POSTGRES_DEFAULTS, type PostgresConfig } from "@punctual/adapter-postgres/config";
import { postgresStores } from "@punctual/adapter-postgres/wiring";
import type { Ground, Sending } from "../container.js";
import type { Base } from "./base.js";
import type { DATABASE, KEYS, Of, SENDING, SERVICES, TRANSPORT } from "./variables.js";

type Stored = Of<typeof DATABASE> & Of<typeof SERVICES>;

export function groundOf(config: Stored, base: Base): Ground {
  return { stores: postgresStores(databaseOf(config, base)), telemetry: base.telemetry };
}

/** Nothing connects before it is used. Hints are for those that run on. */
export function databaseOf(config: Stored, { clock }: Pick<Base, "clock">): PostgresConfig {
  const { PUNCTUAL_DATABASE_URL: url, PUNCTUAL_DATABASE_POOL: poolSize } = config;
  const { PUNCTUAL_DATABASE_IAM: iam, PUNCTUAL_DATABASE_PASSWORD_ARN: name } = config;
  const known = { ...POSTGRES_DEFAULTS, url, poolSize, notify: false };
  if (iam) return { ...known, password: databasePassword({ url, clock }) };
  if (name === undefined) return known;
  const secrets = openSecrets(servicesOf(config), clock);
  return { ...known, password: async () => secrets.read(name) };
}

export function sqsOf(config: Of<typeof TRANSPORT> & Of<typeof KEYS>, { clock, telemetry }: Base): OpenSqs {
  const keys = keysFor("messages", config.PUNCTUAL_SECRET_KEYS);
  return openSqs(sqsConfigOf(config), { clock, telemetry, keys });
}

export function sendingOf(config: Of<typeof SENDING> & Of<typeof SERVICES>): Sending {
  const { PUNCTUAL_ALLOW: allow, PUNCTUAL_PUBLIC_URL: publicUrl, PUNCTUAL_KMS_KEYS: keys } = config;
  return { dataKeys: openKms(servicesOf(config), keys), allow, publicUrl };
}

function servicesOf({ PUNCTUAL_AWS_ENDPOINT: endpoint }: Of<typeof SERVICES>): { readonly endpoint: string | null } {
  return { endpoint: endpoint ?? null };
}
