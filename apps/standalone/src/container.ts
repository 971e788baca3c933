import { Cursors, type UseCaseDeps } from "@punctual/api";
import { DELIVER_DEFAULTS, Recurrence, RunScheduler, type ScheduleInput, type Telemetry } from "@punctual/core";
import { MemoryTransport } from "@punctual/core/memory";
import { coreModule, type CoreSettings, ports } from "@punctual/core/wiring";
import { localKeysModule, localModule } from "@punctual/adapter-local/wiring";
import { WEBHOOK_DEFAULTS } from "@punctual/adapter-webhook/config";
import { webhookSender } from "@punctual/adapter-webhook/wiring";
import { Container, ContainerModule } from "inversify";
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
  readonly stores: Stores;
  readonly keys: Keys;
  readonly telemetry: Telemetry;
  /** Where the API is. */
  readonly url: string;
}

/** API, scheduler and worker in one: who claims an event delivers it, and what is on this machine may be called. */
export function partsOf({ stores, keys, telemetry, url }: PartsOptions): Parts {
  const sender = webhookSender({
    ...WEBHOOK_DEFAULTS,
    allow: ["127.0.0.0/8", "::1", "localhost"],
    ackUrl: `${url}/v1/acks/{tenant}/{eventId}`,
  });
  const greetings = {
    inline: { kind: "http", url: `${url}/inbox`, method: "POST", headers: {}, timeoutMs: 10_000, ...NO_LIMITS },
  };
  const own = new ContainerModule(({ bind }) => {
    bind(ports.telemetry).toConstantValue(telemetry);
    bind(ports.transport)
      .toResolvedValue((clock) => new MemoryTransport(clock), [ports.clock])
      .inSingletonScope();
  });
  const container = new Container();
  container.load(stores.module, localModule(), localKeysModule({ secretKeys: [keys.secretKey] }), sender.module);
  container.load(own, coreModule(settingsOf(greetings)));
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
    },
    scheduler: container.get(RunScheduler),
    cursors: new Cursors(keys.cursorKey),
    close: async () => sender.close(),
  };
}

function settingsOf(greetings: ScheduleInput["destination"]): CoreSettings {
  const batch = { limit: 500, leaseMs: DELIVER_DEFAULTS.leaseMs, lookAheadMs: 0 };
  return {
    greetings,
    inPlace: true,
    tick: { ...batch, leastLeftMs: 0 },
    scheduler: { ...batch, pollMs: 1_000, heartbeatMs: 15_000 },
    worker: { maxInFlight: DELIVER_DEFAULTS.places, maxBatch: 100 },
  };
}

const NO_LIMITS = { ratePerSecond: null, concurrency: null, ackWithinMs: null };
