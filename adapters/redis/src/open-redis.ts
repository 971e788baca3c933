import { type Clock, Envelopes, QueueTransport, type Telemetry } from "@punctual/adapter-sdk";
import { REDIS_CAPABILITIES } from "./capabilities.js";
import { checkRedis } from "./check-redis.js";
import type { RedisConfig } from "./config.js";
import { Connections } from "./connections.js";
import { keysOf, type QueueKeys, StreamQueue } from "./stream-queue.js";

export interface OpenRedis {
  readonly transport: QueueTransport;
  check(): Promise<void>;
  close(): void;
}

export interface OpenRedisDeps {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Of envelopes. */
  readonly keys: readonly Uint8Array[];
}

/** The keys of the three queues, under one hash tag: a message goes from one to another in one step. */
export function queuesOf(queue: string): Readonly<Record<"main" | "deadLetters" | "unreadable", QueueKeys>> {
  const tag = `{${queue}}`;
  return { main: keysOf(tag), deadLetters: keysOf(`${tag}:dead`), unreadable: keysOf(`${tag}:unreadable`) };
}

/** Connects when there is something to ask. */
export function openRedis(config: RedisConfig, { clock, telemetry, keys }: OpenRedisDeps): OpenRedis {
  const connections = new Connections(config, clock);
  const { main, deadLetters, unreadable } = queuesOf(config.queue);
  const shared = { connections, clock };
  const giveUp = { maxReceives: config.maxReceives, deadLetters };
  return {
    transport: new QueueTransport(
      {
        capabilities: REDIS_CAPABILITIES,
        queue: new StreamQueue({ ...shared, keys: main, giveUp }),
        deadLetters: new StreamQueue({ ...shared, keys: deadLetters, giveUp: null }),
        unreadable: new StreamQueue({ ...shared, keys: unreadable, giveUp: null }),
        ...{ envelopes: new Envelopes(keys), clock, telemetry },
      },
      { waitMs: config.waitSeconds * 1_000, hiddenMs: config.visibilitySeconds * 1_000 },
    ),
    check: () => checkRedis(connections, [main, deadLetters, unreadable]),
    close: () => connections.close(),
  };
}
