import type { StoreHarness, StoreUnderTest } from "../../src/conformance/store-harness.js";
import {
  MemoryClock,
  MemoryEventStore,
  MemoryFailpoints,
  MemoryTables,
  MemoryUnitOfWork,
} from "../../src/memory/index.js";

export interface MemoryStore extends StoreUnderTest {
  readonly tables: MemoryTables;
  readonly clock: MemoryClock;
  readonly failpoints: MemoryFailpoints;
}

export function openMemoryStore(): MemoryStore {
  const clock = new MemoryClock(new Date("2026-11-21T09:00:00.250Z"));
  const failpoints = new MemoryFailpoints();
  const tables = new MemoryTables(clock, failpoints);
  return {
    ...{ tables, clock, failpoints },
    events: new MemoryEventStore(tables),
    unitOfWork: new MemoryUnitOfWork(tables),
    now: async () => clock.now(),
    advance: async (ms) => clock.advance(ms),
  };
}

export function memoryHarness(): StoreHarness {
  return { name: "memory", open: async () => openMemoryStore(), close: async () => undefined };
}
