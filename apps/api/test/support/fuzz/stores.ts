import type { EventStore, UnitOfWork } from "@punctual/core";
import {
  type MemoryClock,
  MemoryEventStore,
  MemoryFailpoints,
  MemoryTables,
  MemoryUnitOfWork,
  SeededRng,
} from "@punctual/core/memory";
import { POSTGRES_DEFAULTS, type PostgresConfig } from "@punctual/adapter-postgres/config";
import { migrateUp } from "@punctual/adapter-postgres/migrate";
import { databaseOn, startEmbedded } from "@punctual/adapter-postgres/server";
import { HotPath, PostgresUnitOfWork, makePool, PostgresEventStore } from "@punctual/adapter-postgres";
import { localClock } from "@punctual/adapter-local/wiring";

/** Stores that can be emptied: what they keep is not what the API keeps. */
export interface FuzzStores {
  readonly unitOfWork: UnitOfWork;
  readonly events: EventStore;
  empty(): Promise<void>;
  close(): Promise<void>;
}

export function memoryStores(clock: MemoryClock): FuzzStores {
  const open = () => {
    const tables = new MemoryTables(clock);
    return { unitOfWork: new MemoryUnitOfWork(tables), events: new MemoryEventStore(tables) };
  };
  let stores = open();
  const latest = <T extends object>(which: () => T): T =>
    new Proxy({} as T, {
      get: (_, name) => {
        const target = which();
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  return {
    unitOfWork: latest(() => stores.unitOfWork),
    events: latest<EventStore>(() => stores.events),
    empty: async () => void (stores = open()),
    close: async () => undefined,
  };
}

const TABLES = "events, event_history, attempts, schedules, users, destinations, audit_log, idempotency_keys";

/** On a server of its own, or at the URL that is given. */
export async function postgresStores(): Promise<FuzzStores & { readonly config: PostgresConfig }> {
  const server = await startEmbedded({ durable: false });
  const config = { ...POSTGRES_DEFAULTS, url: await databaseOn(server, "fuzz") };
  await migrateUp(config);
  const pool = makePool(config);
  return {
    config,
    events: new PostgresEventStore(new HotPath(pool, config), new MemoryFailpoints()),
    unitOfWork: new PostgresUnitOfWork({ pool, clock: localClock(), rng: new SeededRng(1), config }),
    empty: async () => void (await pool.query(`truncate ${TABLES}`)),
    close: async () => {
      await pool.end();
      await server.stop();
    },
  };
}
