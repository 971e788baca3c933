import { type Authenticator, authenticatorFor, Door, isLoopback, makeApi, RateLimit, routesOf } from "@punctual/api";
import { localClock } from "@punctual/adapter-local/wiring";
import type { OpenedTransport } from "@punctual/adapter-sdk";
import type { ProcessTelemetry } from "@punctual/adapter-telemetry/wiring";
import { type Clock, Unavailable } from "@punctual/core";
import { Ops, Worker } from "@punctual/worker";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { StandaloneConfig } from "./config.js";
import { type Parts, partsOf } from "./container.js";
import { Inbox } from "./inbox.js";
import { keysOf } from "./keys.js";
import { openStores, type Stores } from "./stores.js";
import { openTransport } from "./transport.js";

export interface Platform {
  /** Where it listens. */
  readonly url: string;
  /** Takes nothing new, ends what is under way, and gives back all that it holds; whether it all ended in time. */
  close(): Promise<boolean>;
}

export interface PlatformOptions {
  readonly version: string;
  readonly observed: ProcessTelemetry;
  /** A line for whoever watches. */
  readonly say: (line: string) => void;
}

/** Starts what its roles ask for in this process. */
export async function startPlatform(config: StandaloneConfig, options: PlatformOptions): Promise<Platform> {
  const clock = localClock();
  // Before anything listens or is made: who is let in without a token must be on this machine. A worker alone lets nobody in.
  const authenticator = config.roles.includes("api") ? authenticatorFor(config.auth, config.host, { clock }) : null;
  const door = await Door.open(config);
  const { observed } = options;
  const { telemetry } = observed;
  let stores: Stores | null = null;
  let carrier: OpenedTransport | null = null;
  try {
    const url = config.publicUrl ?? door.url;
    const inbox = config.local ? new Inbox(options.say) : null;
    const keys = await keysOf(config);
    // Before the stores: what is wrong with it is told at once. Who claims nothing needs none.
    if (config.transport !== null && config.roles.includes("worker")) {
      carrier = await openTransport(config.transport, { clock, telemetry, keys: keys.messageKeys });
    }
    stores = await openStores(config.stores, clock);
    const parts = partsOf({
      ...{ config, stores, keys, telemetry, url, transport: carrier?.transport ?? null },
      inbox: inbox === null ? null : `${door.url}/inbox`,
    });
    const [opened, carries] = [stores, carrier];
    observed.gauge("punctual_pool_connections", "Connections to the database", () => opened.connections());

    const worker = workerOf(config, { parts, stores, clock, options });
    const check = async () => opened.check();
    const live = () => worker?.checkAlive();
    const ready = async () => {
      if (door.closing.aborted) throw new Unavailable("It is being stopped");
      await Promise.all([check(), carries?.check()]);
    };
    const ops = new Ops({ metrics: async () => observed.metrics(), live, ready });
    const apiWith = (shown: Authenticator) =>
      makeApi({
        ...{ useCases: parts.useCases, authenticator: shown, telemetry, origins: config.origins },
        ...(config.ratePerMinute !== null && { rate: new RateLimit(config.ratePerMinute, () => clock.monotonic()) }),
        routes: routesOf({
          ...{ cursors: parts.cursors, version: options.version, live, ready, stopping: door.closing },
          parts: {
            database: check,
            ...(worker !== null && { worker: async () => worker.checkAlive() }),
            ...(carries !== null && { transport: async () => carries.check() }),
          },
        }),
      }).callback();
    const api = authenticator === null ? null : apiWith(authenticator);
    door.answer(listenerOf(config, { inbox, ops, api }), (request, response) => {
      void ops.answer(request, response);
    });
    const close = async () => {
      const [left, drained = true] = await Promise.all([
        door.close(config.drainMs, clock),
        worker?.drain(config.drainMs),
      ]);
      await parts.close();
      // Whoever is late still consumes.
      if (drained) {
        await carries?.close().catch((error: unknown) => telemetry.note({ kind: "trouble", where: "stop", error }));
      }
      await opened.close();
      return left && drained;
    };
    return { url: door.url, close };
  } catch (error) {
    await door.close(0, clock);
    await stores?.close();
    await carrier?.close().catch(() => undefined); // why it does not start is told, and not what came of that
    throw error;
  }
}

interface WorkerParts {
  readonly parts: Parts;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly options: PlatformOptions;
}

function workerOf(config: StandaloneConfig, { parts, stores, clock, options }: WorkerParts): Worker | null {
  if (!config.roles.includes("worker")) return null;
  const { telemetry } = options.observed;
  const maintain = async (signal: AbortSignal) => stores.maintain(clock, telemetry, signal);
  return new Worker({ ...parts.loops, maintain, clock, telemetry });
}

interface Listeners {
  readonly inbox: Inbox | null;
  readonly ops: Ops;
  /** Null where another process is the API. */
  readonly api: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | null;
}

/** Metrics are asked for at this door where nobody but this machine, or no API, is behind it. */
function listenerOf({ host }: StandaloneConfig, { inbox, ops, api }: Listeners): RequestListener {
  const shown = isLoopback(host);
  return (request, response) => {
    if (inbox?.isFor(request) === true) return void inbox.answer(request, response);
    if (api === null || (shown && request.url === "/metrics")) return void ops.answer(request, response);
    void api(request, response);
  };
}
