import { Cursors, type UseCaseDeps } from "@punctual/api";
import { DELIVER_DEFAULTS, Recurrence, RunScheduler, type ScheduleInput, type Telemetry } from "@punctual/core";
import { MemoryTransport } from "@punctual/core/memory";
import { coreModule, type CoreSettings, ports } from "@punctual/core/wiring";
import { localKeysModule, localModule } from "@punctual/adapter-local/wiring";
import { WEBHOOK_DEFAULTS } from "@punctual/adapter-webhook/config";
import { webhookSender } from "@punctual/adapter-webhook/wiring";
import { Container, ContainerModule } from "inversify";
import type { StandaloneConfig } from "./config.js";
import type { Keys } from "./keys.js";
import type { Stores } from "./stores.js";

export interface Parts {
  readonly useCases: UseCaseDeps;
  readonly scheduler: RunScheduler;
  readonly cursors: Cursors;
  /** Ends when the requests under way have ended. */
  close(): Promise<void>;
}

export interface PartsOptions {
  readonly config: StandaloneConfig;
  readonly stores: Stores;
  readonly keys: Keys;
  readonly telemetry: Telemetry;
  /** What receivers reach the API by. */
  readonly url: string;
  /** A receiver of our own; null where there is none. */
  readonly inbox: string | null;
}

/** API, scheduler and worker in one: who claims an event delivers it. */
export function partsOf({ config, stores, keys, telemetry, url, inbox }: PartsOptions): Parts {
  const { allow } = config;
  const sender = webhookSender({ ...WEBHOOK_DEFAULTS, allow, ackUrl: `${url}/v1/acks/{tenant}/{eventId}` });
  const greetings = greetingsOf(config, inbox);
  const own = new ContainerModule(({ bind }) => {
    bind(ports.telemetry).toConstantValue(telemetry);
    bind(ports.transport)
      .toResolvedValue((clock) => new MemoryTransport(clock), [ports.clock])
      .inSingletonScope();
  });
  const container = new Container();
  container.load(stores.module, localModule(), localKeysModule(keys), sender.module, own, coreModule(SETTINGS));
  const { time } = config.greetings;
  return {
    useCases: {
      unitOfWork: container.get(ports.unitOfWork),
      recurrence: new Recurrence(container.get(ports.zones)),
      ids: container.get(ports.ids),
      senders: container.get(ports.senders),
      vault: container.get(ports.vault),
      gate: container.get(ports.gate),
      clock: container.get(ports.clock),
      rng: container.get(ports.rng),
      signatures: container.get(ports.signatures),
      greetings,
      ...(time !== null && { greetingTime: time }),
    },
    scheduler: container.get(RunScheduler),
    cursors: new Cursors(keys.cursorKey),
    close: async () => sender.close(),
  };
}

function greetingsOf(config: StandaloneConfig, inbox: string | null): ScheduleInput["destination"] | null {
  const { destinationId, url } = config.greetings;
  if (destinationId !== null) return { id: destinationId };
  const to = url ?? inbox;
  if (to === null) return null;
  const limits = { ratePerSecond: null, concurrency: null, ackWithinMs: null };
  return { inline: { kind: "http", url: to, method: "POST", headers: {}, timeoutMs: 10_000, ...limits } };
}

const BATCH = { limit: 500, leaseMs: DELIVER_DEFAULTS.leaseMs, lookAheadMs: 0 };

const SETTINGS: CoreSettings = {
  // Users are made by the API, which knows where their greetings go.
  greetings: null,
  inPlace: true,
  tick: { ...BATCH, leastLeftMs: 0 },
  scheduler: { ...BATCH, pollMs: 1_000, heartbeatMs: 15_000 },
  worker: { maxInFlight: DELIVER_DEFAULTS.places, maxBatch: 100 },
};
