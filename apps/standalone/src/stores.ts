import type { Clock, Telemetry } from "@punctual/core";
import { memoryStoresModule } from "@punctual/core/memory";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { migrateUp } from "@punctual/adapter-postgres/migrate";
import { databaseOn, startEmbedded } from "@punctual/adapter-postgres/server";
import { type PostgresStores, postgresStores } from "@punctual/adapter-postgres/wiring";
import { join } from "node:path";
import type { StoresConfig } from "./config.js";
import { openLogin } from "./login.js";

/** Stores that are ready for use. */
export type Stores = Pick<PostgresStores, "module" | "check" | "close" | "connections"> & {
  maintain(clock: Clock, telemetry: Telemetry, signal: AbortSignal): Promise<void>;
};

export async function openStores(config: StoresConfig, clock: Clock): Promise<Stores> {
  switch (config.kind) {
    case "memory":
      return inMemory(clock);
    case "embedded":
      return embedded(config.dataDir);
    case "given":
      return given(config);
  }
}

function inMemory(clock: Clock): Stores {
  const nothing = async () => undefined;
  const connections = () => ({ busy: 0, idle: 0, waiting: 0 });
  const module = memoryStoresModule(clock);
  return { module, check: nothing, maintain: untilAborted, close: nothing, connections };
}

/** A PostgreSQL of our own, with tables as this program needs them. */
async function embedded(dataDir: string): Promise<Stores> {
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

async function given({ url, poolSize, migrate, login }: Extract<StoresConfig, { kind: "given" }>): Promise<Stores> {
  const password = login === null ? {} : { password: await openLogin(login) };
  const config = { ...POSTGRES_DEFAULTS, url, poolSize, ...password };
  if (migrate) await migrateUp(config);
  const stores = postgresStores(config);
  try {
    // Tables that this program cannot work with are told at once, and not by the first request.
    await stores.check();
    return stores;
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/** There is nothing to look after; yet who returns has ended. */
async function untilAborted(_clock: Clock, _telemetry: Telemetry, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
