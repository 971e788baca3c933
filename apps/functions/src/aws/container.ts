import { sqsConfigOf } from "@punctual/adapter-aws/config";
import {
  dataKeysModule,
  openKms,
  openSecrets,
  type OpenSqs,
  openSqs,
  transportModule,
} from "@punctual/adapter-aws/wiring";
import { keysFor, localModule } from "@punctual/adapter-local/wiring";
import { POSTGRES_DEFAULTS, type PostgresConfig } from "@punctual/adapter-postgres/config";
import { type PostgresStores, postgresStores } from "@punctual/adapter-postgres/wiring";
import { WEBHOOK_DEFAULTS } from "@punctual/adapter-webhook/config";
import { type WebhookSender, webhookSender } from "@punctual/adapter-webhook/wiring";
import type { UseCaseDeps } from "@punctual/api";
import type { ApiConfig } from "@punctual/api/variables";
import { useCaseDepsIn } from "@punctual/api/wiring";
import { BuryDeadLetters, DeliverEvents, Tick } from "@punctual/core";
import { coreModule, type CoreSettings, ports } from "@punctual/core/wiring";
import { Container, ContainerModule } from "inversify";
import { coreSettings } from "../settings.js";
import type { Base } from "./base.js";
import type { DATABASE, KEYS, Of, SENDING, SERVICES, TRANSPORT } from "./variables.js";

type Stored = Of<typeof DATABASE> & Of<typeof SERVICES>;
type Carried = Of<typeof TRANSPORT> & Of<typeof KEYS>;
type Sending = Of<typeof SENDING> & Of<typeof SERVICES>;

/** Hands over what a worker delivers. */
export function handingOver(config: Stored & Carried, base: Base, settings: CoreSettings) {
  const stores = storesFor(config, base);
  const { transport } = sqsFor(config, base);
  return { stores, tick: containerOf(base, [stores.module, transportModule(transport)], settings).get(Tick) };
}

/** Delivers by itself what it claims. */
export function inPlace(config: Stored & Sending, base: Base, settings: CoreSettings) {
  const stores = storesFor(config, base);
  const { sender, modules } = senderFor(config);
  return { stores, sender, tick: containerOf(base, [stores.module, ...modules], settings).get(Tick) };
}

/** Delivers what was handed over. */
export function delivering(
  config: Stored & Carried & Sending,
  base: Base,
): Pick<OpenSqs, "transport"> & { readonly sender: WebhookSender; readonly deliver: DeliverEvents } {
  const stores = storesFor(config, base);
  const { transport } = sqsFor(config, base);
  const { sender, modules } = senderFor(config);
  const container = containerOf(base, [stores.module, ...modules], coreSettings());
  return { transport, sender, deliver: container.get(DeliverEvents) };
}

/** Looks after what was not delivered. */
export function burying(
  config: Stored & Carried,
  base: Base,
): Pick<OpenSqs, "transport"> & { readonly bury: BuryDeadLetters } {
  const { transport } = sqsFor(config, base);
  const container = containerOf(base, [storesFor(config, base).module], coreSettings());
  return { transport, bury: container.get(BuryDeadLetters) };
}

/** Answers requests. */
export function answering(
  config: Stored & Sending,
  { greetings }: Pick<ApiConfig, "greetings">,
  base: Base,
): { readonly stores: PostgresStores; readonly sender: WebhookSender; readonly useCases: UseCaseDeps } {
  const stores = storesFor(config, base);
  const { sender, modules } = senderFor(config);
  const container = containerOf(base, [stores.module, ...modules], coreSettings());
  return { stores, sender, useCases: useCaseDepsIn(container, greetings) };
}

export function storesFor(config: Stored, base: Base): PostgresStores {
  return postgresStores(databaseOf(config, base));
}

/** Nothing connects before it is used. Hints are for those that run on. */
export function databaseOf(config: Stored, { clock }: Pick<Base, "clock">): PostgresConfig {
  const { PUNCTUAL_DATABASE_URL: url, PUNCTUAL_DATABASE_POOL: poolSize, PUNCTUAL_DATABASE_PASSWORD_ARN: name } = config;
  const known = { ...POSTGRES_DEFAULTS, url, poolSize, notify: false };
  if (name === undefined) return known;
  const secrets = openSecrets(servicesOf(config), clock);
  return { ...known, password: async () => secrets.read(name) };
}

export function sqsFor(config: Carried, { clock, telemetry }: Base): OpenSqs {
  const keys = keysFor("messages", config.PUNCTUAL_SECRET_KEYS);
  return openSqs(sqsConfigOf(config), { clock, telemetry, keys });
}

/** The use cases of one function, on the adapters that it has; what it has not, it cannot ask for. */
function containerOf({ telemetry }: Base, modules: readonly ContainerModule[], settings: CoreSettings): Container {
  const container = new Container();
  const own = new ContainerModule(({ bind }) => {
    bind(ports.telemetry).toConstantValue(telemetry);
  });
  container.load(localModule(), own, ...modules, coreModule(settings));
  return container;
}

/** What calls receivers, and the keys of its secrets. */
function senderFor(config: Sending): { readonly sender: WebhookSender; readonly modules: readonly ContainerModule[] } {
  const { PUNCTUAL_ALLOW: allow, PUNCTUAL_PUBLIC_URL: url, PUNCTUAL_KMS_KEYS: keys } = config;
  const ackUrl = url === undefined ? null : `${url.replace(/\/+$/, "")}/v1/acks/{tenant}/{eventId}`;
  const sender = webhookSender({ ...WEBHOOK_DEFAULTS, allow, ackUrl });
  return { sender, modules: [sender.module, dataKeysModule(openKms(servicesOf(config), keys))] };
}

function servicesOf({ PUNCTUAL_AWS_ENDPOINT: endpoint }: Of<typeof SERVICES>): { readonly endpoint: string | null } {
  return { endpoint: endpoint ?? null };
}
