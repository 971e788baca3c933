import { BREAKER_DEFAULTS, DELIVER_DEFAULTS, PLAN_DEFAULTS } from "@punctual/core";
import { MemoryDestinationGate } from "@punctual/core/memory";
import { coreModule, ports } from "@punctual/core/wiring";
import { SystemClock } from "@punctual/adapter-local";
import { localModule } from "@punctual/adapter-local/wiring";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { postgresStores, type PostgresStores } from "@punctual/adapter-postgres/wiring";
import { Container, ContainerModule } from "inversify";
import { DeadlyFailpoints } from "./deadly-failpoints.js";
import { HeldTransport } from "./held-transport.js";
import { plant } from "./mutants.js";
import { nameOf, type Orders, type Saying, type Shape, TIMES } from "./orders.js";
import { PlainSender } from "./plain-sender.js";
import { SpokenTelemetry } from "./spoken-telemetry.js";

export interface VictimParts {
  readonly container: Container;
  readonly stores: PostgresStores;
  readonly sender: PlainSender;
}

/** A scheduler and worker in one, on the real stores. */
export function victimContainer(orders: Orders, say: (saying: Saying) => void): VictimParts {
  const { number, url, shape, dies, mutant } = orders;
  const stores = postgresStores({
    ...POSTGRES_DEFAULTS,
    url,
    poolSize: 5,
    connectTimeoutMs: 3_000,
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 2_000,
    // What a stopped process holds locked is wanted by others when its lease ends.
    idleInTransactionTimeoutMs: 1_000,
    applicationName: nameOf(number),
  });
  const sender = new PlainSender(number);
  const container = new Container();
  container.load(stores.module, localModule(), coreModule(settingsOf(shape)), ownModule(sender, say));
  const failpoints = new DeadlyFailpoints(dies, say);
  container.onActivation(ports.failpoints, () => failpoints);
  // A breaker that opens would keep events from being sent, which is not what is tried here.
  const gate = new MemoryDestinationGate(new SystemClock(), { ...BREAKER_DEFAULTS, leastCalls: 1e9 });
  container.onActivation(ports.gate, () => gate);
  if (mutant !== null) {
    container.onActivation(ports.events, (_, events) => plant(mutant, events, { url, name: nameOf(number) }));
  }
  return { container, stores, sender };
}

function ownModule(sender: PlainSender, say: (saying: Saying) => void): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(ports.transport)
      .toResolvedValue((clock, failpoints) => new HeldTransport(clock, failpoints), [ports.clock, ports.failpoints])
      .inSingletonScope();
    bind(ports.senders).toConstantValue(new Map([[sender.kind, sender]]));
    bind(ports.telemetry).toConstantValue(new SpokenTelemetry(say));
  });
}

function settingsOf(shape: Shape) {
  const { leaseMs, pollMs, lookAheadMs, marginMs } = TIMES;
  const batch = { limit: 20, leaseMs, lookAheadMs };
  return {
    greetings: { inline: { kind: "http", url: "", method: "POST", headers: {}, ...NO_LIMITS, timeoutMs: 1_000 } },
    plan: { ...PLAN_DEFAULTS, missedAfterMs: 4_000, waitMs: 300 },
    deliver: { ...DELIVER_DEFAULTS, leaseMs, marginMs, holdMs: lookAheadMs + 100, troubleMs: 300 },
    inPlace: shape === "single-stage",
    tick: { ...batch, leastLeftMs: 100 },
    scheduler: { ...batch, pollMs, heartbeatMs: 2_000 },
    worker: { maxInFlight: 50, maxBatch: 10 },
  } as const;
}

const NO_LIMITS = { ratePerSecond: null, concurrency: null, ackWithinMs: null };
