import { cloudTasksConfigOf, pubsubConfigOf } from "@punctual/adapter-gcp/config";
import {
  databasePassword,
  openCloudTasks,
  type OpenCloudTasks,
  openKms,
  openPubsub,
  openPushedPubsub,
  type OpenPubsub,
} from "@punctual/adapter-gcp/wiring";
import { keysFor } from "@punctual/adapter-local/wiring";
import { POSTGRES_DEFAULTS, type PostgresConfig } from "@punctual/adapter-postgres/config";
import { postgresStores } from "@punctual/adapter-postgres/wiring";
import type { Ground, Sending } from "../container.js";
import type { Base } from "./base.js";
import type { DATABASE, KEYS, Of, SENDING, PUBSUB, SERVICES, TASKS } from "./variables.js";

/** A push that has to wait is answered after so long at the most: less than any subscription waits. */
const HOLD_MS = 8_000;

type Carried = Of<typeof PUBSUB> & Of<typeof KEYS>;

export function groundOf(config: Of<typeof DATABASE>, base: Base): Ground {
  return { stores: postgresStores(databaseOf(config, base)), telemetry: base.telemetry };
}

/** Nothing connects before it is used. Hints are for those that run on. */
export function databaseOf(config: Of<typeof DATABASE>, { clock }: Pick<Base, "clock">): PostgresConfig {
  const { PUNCTUAL_DATABASE_URL: url, PUNCTUAL_DATABASE_POOL: poolSize, PUNCTUAL_DATABASE_IAM: iam } = config;
  return { ...POSTGRES_DEFAULTS, url, poolSize, notify: false, ...(iam && { password: databasePassword({ clock }) }) };
}

export function publishing(config: Carried, base: Base): OpenPubsub {
  return openPubsub(pubsubConfigOf(config), depsOf(config, base));
}

export function pushed(config: Carried, base: Base): OpenPubsub {
  return openPushedPubsub(pubsubConfigOf(config), depsOf(config, base), HOLD_MS);
}

export function tasksOf(config: Of<typeof TASKS> & Of<typeof KEYS>, base: Base): OpenCloudTasks {
  return openCloudTasks(cloudTasksConfigOf(config), depsOf(config, base));
}

export function sendingOf(config: Of<typeof SENDING> & Of<typeof SERVICES>): Sending {
  const { PUNCTUAL_ALLOW: allow, PUNCTUAL_PUBLIC_URL: publicUrl, PUNCTUAL_KMS_KEYS: keys } = config;
  return { dataKeys: openKms({ endpoint: config.PUNCTUAL_GCP_ENDPOINT ?? null }, keys), allow, publicUrl };
}

function depsOf(config: Of<typeof KEYS>, { clock, telemetry }: Base) {
  return { clock, telemetry, keys: keysFor("messages", config.PUNCTUAL_SECRET_KEYS) };
}
