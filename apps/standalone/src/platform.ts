import { authenticatorFor, makeApi, routesOf } from "@punctual/api";
import { localClock } from "@punctual/adapter-local/wiring";
import type { Telemetry } from "@punctual/core";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { StandaloneConfig } from "./config.js";
import { partsOf } from "./container.js";
import { Inbox } from "./inbox.js";
import { keysIn } from "./keys.js";
import { openStores } from "./stores.js";

export interface Platform {
  /** Where it listens. */
  readonly url: string;
  /** Takes nothing new, ends what is under way, and gives back all that it holds. */
  close(): Promise<void>;
}

export interface PlatformOptions {
  readonly version: string;
  readonly telemetry: Telemetry;
  /** A line for whoever watches. */
  readonly say: (line: string) => void;
}

/** Starts all of it in this process. */
export async function startPlatform(config: StandaloneConfig, options: PlatformOptions): Promise<Platform> {
  const { version, telemetry, say } = options;
  const clock = localClock();
  // Before anything listens or is made: who is let in without a token must be on this machine.
  const authenticator = authenticatorFor({ kind: "off" }, config.host, { clock });
  const inbox = new Inbox(say);
  const server = createServer(TIMEOUTS);
  const url = await listen(server, config);
  try {
    const keys = await keysIn(config.dataDir);
    const stores = await openStores(config.dataDir, clock);
    const parts = partsOf({ stores, keys, telemetry, url });
    const { cursors, useCases, scheduler } = parts;
    const api = makeApi({
      routes: routesOf({ cursors, version, ready: async () => stores.check() }),
      ...{ useCases, authenticator },
      onTrouble: (error) => telemetry.note({ kind: "trouble", where: "api", error }),
    }).callback();
    server.on("request", (request, response) => {
      void (inbox.isFor(request) ? inbox.answer(request, response) : api(request, response));
    });

    const stopping = new AbortController();
    const { signal } = stopping;
    const running = Promise.all([scheduler.run(signal), stores.maintain(clock, telemetry, signal)]);
    const close = async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      stopping.abort();
      await running;
      server.closeAllConnections();
      await closed;
      await parts.close();
      await stores.close();
    };
    return { url, close };
  } catch (error) {
    server.close();
    throw error;
  }
}

/** An import may take long; all other bodies have a limit of their own. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 3_600_000, keepAliveTimeout: 5_000 };

async function listen(server: Server, { host, port }: StandaloneConfig): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { address, port: given, family } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${given}`;
}
