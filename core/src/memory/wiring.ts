import { ContainerModule, type ServiceIdentifier } from "inversify";
import type { Clock } from "../ports/clock.js";
import type { Sender } from "../ports/sender.js";
import { ports } from "../wiring.js";
import { MemoryDataKeys } from "./data-keys.js";
import { MemoryDestinationGate } from "./destination-gate.js";
import { MemoryEventStore } from "./event-store.js";
import { MemorySignatures } from "./signatures.js";
import { MemoryTables } from "./tables.js";
import { MemoryTelemetry } from "./telemetry.js";
import { MemoryTransport } from "./transport.js";
import { MemoryUnitOfWork } from "./unit-of-work.js";
import { MemoryVault } from "./vault.js";
import { MemoryWakeUps } from "./wake-ups.js";

const tables = Symbol.for("punctual.MemoryTables") as ServiceIdentifier<MemoryTables>;

/** Binds the stores in memory, on their own clock: one that is moved has to be bound as the port, too. Needs failpoints. */
export function memoryStoresModule(clock: Clock): ContainerModule {
  const wakeUps = new MemoryWakeUps();
  return new ContainerModule(({ bind }) => {
    bind(tables)
      .toResolvedValue((failpoints) => new MemoryTables(clock, failpoints, () => wakeUps.wake()), [ports.failpoints])
      .inSingletonScope();
    bind(ports.events)
      .toResolvedValue((tables) => new MemoryEventStore(tables), [tables])
      .inSingletonScope();
    bind(ports.unitOfWork)
      .toResolvedValue((tables) => new MemoryUnitOfWork(tables), [tables])
      .inSingletonScope();
    bind(ports.gate).toConstantValue(new MemoryDestinationGate(clock));
    bind(ports.wakeUps).toConstantValue(wakeUps);
  });
}

/** Binds transport, keys, vault, signatures and telemetry in memory, and the senders it is given. Needs chance. */
export function memoryModule(clock: Clock, senders: ReadonlyMap<string, Sender> = new Map()): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(ports.transport).toConstantValue(new MemoryTransport(clock));
    bind(ports.dataKeys)
      .toResolvedValue((rng) => new MemoryDataKeys(rng), [ports.rng])
      .inSingletonScope();
    bind(ports.vault)
      .toResolvedValue((rng) => new MemoryVault(rng), [ports.rng])
      .inSingletonScope();
    bind(ports.signatures)
      .toResolvedValue((vault) => new MemorySignatures(vault), [ports.vault])
      .inSingletonScope();
    bind(ports.telemetry).toConstantValue(new MemoryTelemetry());
    bind(ports.senders).toConstantValue(senders);
  });
}
