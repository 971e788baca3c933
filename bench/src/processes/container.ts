import { DELIVER_DEFAULTS, PLAN_DEFAULTS } from "@punctual/core";
import { coreModule, type CoreSettings, ports } from "@punctual/core/wiring";
import { LocalDataKeys, readKey } from "@punctual/adapter-local";
import { localModule } from "@punctual/adapter-local/wiring";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { postgresStores, type PostgresStores } from "@punctual/adapter-postgres/wiring";
import { WEBHOOK_DEFAULTS } from "@punctual/adapter-webhook/config";
import { webhookSender, type WebhookSender } from "@punctual/adapter-webhook/wiring";
import { Container, ContainerModule } from "inversify";
import { CountingTelemetry } from "./counting-telemetry.js";

const DAY = 86_400_000;

export interface PunctualSettings {
  /** Requests under way at one time, all destinations together; a single one gets a third of them. */
  readonly places: number;
  /** How many events are claimed at one time. */
  readonly limit: number;
  /** How long an ending waits for others to go with it. */
  readonly flushMs: number;
  readonly poolSize: number;
  /** To the sink. */
  readonly connections: number;
  /** `--max-semi-space-size`: where short-lived objects live, and the larger it is, the fewer of them are copied. */
  readonly semiSpaceMb: number;
}

export interface PunctualOrders extends PunctualSettings {
  readonly database: string;
  /** The outer key of the vault. */
  readonly key: string;
}

export interface PunctualParts {
  readonly container: Container;
  readonly stores: PostgresStores;
  readonly webhook: WebhookSender;
  readonly telemetry: CountingTelemetry;
}

/** One long-running process: what claims an event delivers it. */
export function punctualContainer(orders: PunctualOrders): PunctualParts {
  const { database: url, poolSize, connections } = orders;
  const stores = postgresStores({ ...POSTGRES_DEFAULTS, url, poolSize });
  const webhook = webhookSender({ ...WEBHOOK_DEFAULTS, allow: ["127.0.0.1"], maxConnections: connections });
  const telemetry = new CountingTelemetry();
  const own = new ContainerModule(({ bind }) => {
    bind(ports.dataKeys).toConstantValue(new LocalDataKeys(readKey(orders.key)));
    bind(ports.telemetry).toConstantValue(telemetry);
  });
  const container = new Container();
  container.load(stores.module, webhook.module, localModule(), coreModule(settingsOf(orders)), own);
  return { container, stores, webhook, telemetry };
}

function settingsOf({ places, limit, flushMs }: PunctualSettings): CoreSettings {
  const batch = { limit, leaseMs: DELIVER_DEFAULTS.leaseMs, lookAheadMs: 0 };
  return {
    greetings: { inline: { kind: "http", url: "", method: "POST", headers: {}, ...NO_LIMITS, timeoutMs: 10_000 } },
    // A round may begin hours after its events were made: they are late then, but were not missed.
    plan: { ...PLAN_DEFAULTS, missedAfterMs: DAY },
    deliver: { ...DELIVER_DEFAULTS, places, flushMs },
    inPlace: true,
    tick: { ...batch, leastLeftMs: 1_000 },
    scheduler: { ...batch, pollMs: 1_000, heartbeatMs: 10_000 },
    worker: { maxInFlight: places, maxBatch: 10 },
  };
}

const NO_LIMITS = { ratePerSecond: null, concurrency: null, ackWithinMs: null };
