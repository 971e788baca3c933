import { Cursors, type UseCaseDeps } from "@punctual/api";
import { useCaseDepsIn } from "@punctual/api/wiring";
import { DELIVER_DEFAULTS, RunBurial, RunScheduler, RunWorker, type Telemetry, type Transport } from "@punctual/core";
import { MemoryTransport } from "@punctual/core/memory";
import { coreModule, type CoreSettings, ports } from "@punctual/core/wiring";
import { localKeysModule, localModule } from "@punctual/adapter-local/wiring";
import { WEBHOOK_DEFAULTS } from "@punctual/adapter-webhook/config";
import { webhookSender } from "@punctual/adapter-webhook/wiring";
import type { WorkerDeps } from "@punctual/worker";
import { Container, ContainerModule } from "inversify";
import type { StandaloneConfig } from "./config.js";
import type { Keys } from "./keys.js";
import type { Stores } from "./stores.js";
import { lookAheadFor } from "./transport.js";

export interface Parts {
  readonly useCases: UseCaseDeps;
  readonly loops: Pick<WorkerDeps, "scheduler" | "consumer" | "burial">;
  readonly cursors: Cursors;
  /** Ends when the requests under way have ended. */
  close(): Promise<void>;
}

export interface PartsOptions {
  readonly config: StandaloneConfig;
  readonly stores: Stores;
  /** Null where whoever claims an event delivers it, or none is claimed here. */
  readonly transport: Transport | null;
  readonly keys: Keys;
  readonly telemetry: Telemetry;
  /** What receivers reach the API by. */
  readonly url: string;
  /** A receiver of our own; null where there is none. */
  readonly inbox: string | null;
}

/** API, scheduler and worker in one. */
export function partsOf({ config, stores, transport, keys, telemetry, url, inbox }: PartsOptions): Parts {
  const { allow } = config;
  const sender = webhookSender({ ...WEBHOOK_DEFAULTS, allow, ackUrl: `${url}/v1/acks/{tenant}/{eventId}` });
  const own = new ContainerModule(({ bind }) => {
    bind(ports.telemetry).toConstantValue(telemetry);
    if (transport !== null) bind(ports.transport).toConstantValue(transport);
    else {
      bind(ports.transport)
        .toResolvedValue((clock) => new MemoryTransport(clock), [ports.clock])
        .inSingletonScope();
    }
  });
  const container = new Container();
  const settings = settingsFor(transport, config.transport?.lookAheadMs ?? 0);
  container.load(stores.module, localModule(), localKeysModule(keys), sender.module, own, coreModule(settings));
  return {
    useCases: useCaseDepsIn(container, config.greetings, inbox),
    loops: {
      scheduler: container.get(RunScheduler),
      ...(transport !== null && { consumer: container.get(RunWorker) }),
      ...(transport?.capabilities.deadLetters === true && { burial: container.get(RunBurial) }),
    },
    cursors: new Cursors(keys.cursorKey),
    close: async () => sender.close(),
  };
}

/** On its way to a worker a message may wait behind many others; who delivers by itself lets nothing wait. */
const HAND_OVER_LEASE_MS = 120_000;

function settingsFor(transport: Transport | null, atMostMs: number): CoreSettings {
  const batch = {
    limit: 500,
    leaseMs: transport === null ? DELIVER_DEFAULTS.leaseMs : HAND_OVER_LEASE_MS,
    lookAheadMs: transport === null ? 0 : lookAheadFor(transport.capabilities, atMostMs),
  };
  return {
    // Users are made by the API, which knows where their greetings go.
    greetings: null,
    inPlace: transport === null,
    tick: { ...batch, leastLeftMs: 0 },
    scheduler: { ...batch, pollMs: 1_000, heartbeatMs: 15_000 },
    worker: { maxInFlight: DELIVER_DEFAULTS.places, maxBatch: 100 },
  };
}
