import type { Dispatcher } from "undici";
import type { WebhookConfig } from "./config.js";
import type { Connector } from "./connection.js";
import type { Exchange } from "./exchange.js";
import { Line } from "./line.js";

export type PoolLimits = Pick<WebhookConfig, "keepAliveMs" | "maxConnections" | "maxOrigins" | "maxHeaderBytes">;

/**
 * The connections of all tenants.
 *   P1. no connection carries requests of two tenants;
 *   P2. a line that is let go closes when its last request is done; whoever comes next gets another.
 */
export class Pools {
  readonly #connect: Connector;
  readonly #limits: PoolLimits;
  /** Those that were used last stand last. */
  readonly #lines = new Map<string, Line>();
  readonly #closing = new Set<Promise<void>>();
  #sweeping: NodeJS.Timeout | null = null;

  constructor(connect: Connector, limits: PoolLimits) {
    this.#connect = connect;
    this.#limits = limits;
  }

  /** How many lines are kept. */
  get size(): number {
    return this.#lines.size;
  }

  carry(way: { tenant: string; origin: string }, exchange: Exchange, options: Dispatcher.DispatchOptions): void {
    const key = `${way.origin} ${way.tenant}`; // (P1) An origin has no spaces.
    const line = this.#lines.get(key) ?? new Line(way.origin, this.#connect, this.#limits);
    this.#lines.delete(key);
    this.#lines.set(key, line);
    if (this.#lines.size > this.#limits.maxOrigins) this.#letGo(this.#lines.keys().next().value ?? key);
    this.#sweeping ??= setInterval(() => this.#sweep(), 15_000).unref();
    line.carry(exchange, options);
  }

  /** Whoever comes next gets a new connection; requests under way go on. */
  renew(): void {
    for (const key of this.#lines.keys()) this.#letGo(key);
  }

  /** Ends when the requests under way have ended. */
  async close(): Promise<void> {
    this.renew();
    if (this.#sweeping !== null) clearInterval(this.#sweeping);
    this.#sweeping = null;
    await Promise.all(this.#closing);
  }

  /** By now the connections of an unused line have long been closed, and what is left of them is memory. */
  #sweep(): void {
    for (const [key, line] of this.#lines) if (!line.usedSinceAsked()) this.#letGo(key);
  }

  #letGo(key: string): void {
    const line = this.#lines.get(key);
    if (line === undefined) return;
    this.#lines.delete(key);
    const closing: Promise<void> = line.retire().then(() => void this.#closing.delete(closing)); // (P2)
    this.#closing.add(closing);
  }
}
