import { BREAKER_DEFAULTS, DELIVER_DEFAULTS } from "@punctual/core";
import { MemoryTransport } from "@punctual/core/memory";
import { coreModule, type CoreSettings, ports } from "@punctual/core/wiring";
import { LocalDataKeys, readKey } from "@punctual/adapter-local";
import { localModule } from "@punctual/adapter-local/wiring";
import { HotPath, makePool, PostgresDestinationGate } from "@punctual/adapter-postgres";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { postgresStores, type PostgresStores } from "@punctual/adapter-postgres/wiring";
import { WEBHOOK_DEFAULTS } from "@punctual/adapter-webhook/config";
import { webhookSender, type WebhookSender } from "@punctual/adapter-webhook/wiring";
import { Container, ContainerModule } from "inversify";
import { CountingTelemetry } from "./counting-telemetry.js";
import type { Shape, WorkerOrders } from "./orders.js";

export interface WorkerParts {
  readonly container: Container;
  readonly stores: PostgresStores;
  readonly sender: WebhookSender;
  readonly telemetry: CountingTelemetry;
  close(): Promise<void>;
}

/** A scheduler and worker in one, put together as an app does it. */
export function workerContainer({ name, url, shape, outerKey, breaker }: WorkerOrders): WorkerParts {
  const config = { ...POSTGRES_DEFAULTS, url, applicationName: name };
  const stores = postgresStores(config);
  const sender = webhookSender({ ...WEBHOOK_DEFAULTS, allow: ["127.0.0.0/8"] });
  const telemetry = new CountingTelemetry();
  const gates = makePool(config);
  const own = new ContainerModule(({ bind }) => {
    bind(ports.dataKeys).toConstantValue(new LocalDataKeys(readKey(outerKey)));
    bind(ports.telemetry).toConstantValue(telemetry);
    bind(ports.transport)
      .toResolvedValue((clock) => new MemoryTransport(clock), [ports.clock])
      .inSingletonScope();
  });
  const container = new Container();
  container.load(stores.module, localModule(), sender.module, own, coreModule(settingsOf(shape)));
  const gate = new PostgresDestinationGate(new HotPath(gates, config), { ...BREAKER_DEFAULTS, ...breaker });
  if (Object.keys(breaker).length > 0) container.onActivation(ports.gate, () => gate);
  const close = async () => {
    await sender.close();
    await Promise.all([stores.close(), gates.end()]);
  };
  return { container, stores, sender, telemetry, close };
}

function settingsOf(shape: Shape): CoreSettings {
  const batch = { limit: 500, leaseMs: DELIVER_DEFAULTS.leaseMs, lookAheadMs: 0 };
  return {
    greetings: { inline: { kind: "http", url: "", method: "POST", headers: {}, ...NO_LIMITS, timeoutMs: 1_000 } },
    inPlace: shape === "in place",
    tick: { ...batch, leastLeftMs: 0 },
    scheduler: { ...batch, pollMs: 1_000, heartbeatMs: 15_000 },
    worker: { maxInFlight: 1_000, maxBatch: 100 },
  };
}

const NO_LIMITS = { ratePerSecond: null, concurrency: null, ackWithinMs: null };
