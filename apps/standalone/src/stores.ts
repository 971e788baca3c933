import type { Clock, Telemetry } from "@punctual/core";
import { memoryStoresModule } from "@punctual/core/memory";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { migrateUp } from "@punctual/adapter-postgres/migrate";
import { databaseOn, startEmbedded } from "@punctual/adapter-postgres/server";
import { type PostgresStores, postgresStores } from "@punctual/adapter-postgres/wiring";
import { join } from "node:path";

/** Stores that are ready for use. */
export type Stores = Pick<PostgresStores, "module" | "check" | "close"> & {
  maintain(clock: Clock, telemetry: Telemetry, signal: AbortSignal): Promise<void>;
};

export async function openStores(dataDir: string | null, clock: Clock): Promise<Stores> {
  return dataDir === null ? inMemory(clock) : onDisk(dataDir);
}

function inMemory(clock: Clock): Stores {
  const nothing = async () => undefined;
  return { module: memoryStoresModule(clock), check: nothing, maintain: nothing, close: nothing };
}

/** A PostgreSQL of our own, with tables as this program needs them. */
async function onDisk(dataDir: string): Promise<Stores> {
  const server = await startEmbedded({ durable: true, dataDir: join(dataDir, "postgres") });
  try {
    const config = { ...POSTGRES_DEFAULTS, url: await databaseOn(server, "punctual") };
    await migrateUp(config);
    const stores = postgresStores(config);
    const close = async () => {
      await stores.close();
      await server.stop();
    };
    return { ...stores, close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
