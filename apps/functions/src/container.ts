import { localModule } from "@punctual/adapter-local/wiring";
import type { PostgresStores } from "@punctual/adapter-postgres/wiring";
import { WEBHOOK_DEFAULTS } from "@punctual/adapter-webhook/config";
import { type WebhookSender, webhookSender } from "@punctual/adapter-webhook/wiring";
import type { UseCaseDeps } from "@punctual/api";
import type { ApiConfig } from "@punctual/api/variables";
import { useCaseDepsIn } from "@punctual/api/wiring";
import { BuryDeadLetters, type DataKeys, DeliverEvents, type Telemetry, Tick, type Transport } from "@punctual/core";
import { coreModule, type CoreSettings, ports } from "@punctual/core/wiring";
import { Container, ContainerModule } from "inversify";
import { coreSettings } from "./settings.js";

/** What every function stands on. */
export interface Ground {
  readonly stores: PostgresStores;
  readonly telemetry: Telemetry;
}

/** What whoever calls receivers needs. */
export interface Sending {
  /** Of the keys that seal their secrets. */
  readonly dataKeys: DataKeys;
  readonly allow: readonly string[];
  /** Where receivers reach the API, to acknowledge. */
  readonly publicUrl: string | undefined;
}

/** Hands over what a worker delivers. */
export function handingOver(ground: Ground, transport: Transport, settings: CoreSettings): Tick {
  const carried = new ContainerModule(({ bind }) => void bind(ports.transport).toConstantValue(transport));
  return containerOf(ground, [carried], settings).get(Tick);
}

/** Delivers by itself what it claims. */
export function inPlace(
  ground: Ground,
  sending: Sending,
  settings: CoreSettings,
): { readonly tick: Tick; readonly sender: WebhookSender } {
  const { sender, modules } = senderFor(sending);
  return { sender, tick: containerOf(ground, modules, settings).get(Tick) };
}

/** Delivers what was handed over. */
export function delivering(
  ground: Ground,
  sending: Sending,
): { readonly deliver: DeliverEvents; readonly sender: WebhookSender } {
  const { sender, modules } = senderFor(sending);
  return { sender, deliver: containerOf(ground, modules, coreSettings()).get(DeliverEvents) };
}

/** Looks after what was not delivered. */
export function burying(ground: Ground): BuryDeadLetters {
  return containerOf(ground, [], coreSettings()).get(BuryDeadLetters);
}

/** Answers requests. */
export function answering(
  ground: Ground,
  sending: Sending,
  { greetings }: Pick<ApiConfig, "greetings">,
): { readonly sender: WebhookSender; readonly useCases: UseCaseDeps } {
  const { sender, modules } = senderFor(sending);
  return { sender, useCases: useCaseDepsIn(containerOf(ground, modules, coreSettings()), greetings) };
}

/** The use cases of one function, on the adapters that it has; what it has not, it cannot ask for. */
function containerOf(
  { stores, telemetry }: Ground,
  modules: readonly ContainerModule[],
  settings: CoreSettings,
): Container {
  const container = new Container();
  const own = new ContainerModule(({ bind }) => void bind(ports.telemetry).toConstantValue(telemetry));
  container.load(stores.module, localModule(), own, ...modules, coreModule(settings));
  return container;
}

function senderFor({ dataKeys, allow, publicUrl }: Sending): {
  readonly sender: WebhookSender;
  readonly modules: readonly ContainerModule[];
} {
  const ackUrl = publicUrl === undefined ? null : `${publicUrl.replace(/\/+$/, "")}/v1/acks/{tenant}/{eventId}`;
  const sender = webhookSender({ ...WEBHOOK_DEFAULTS, allow, ackUrl });
  const keys = new ContainerModule(({ bind }) => void bind(ports.dataKeys).toConstantValue(dataKeys));
  return { sender, modules: [sender.module, keys] };
}
