import { type Dispatcher, Pool } from "undici";
import type { WebhookConfig } from "./config.js";
import { Connection, type Connector } from "./connection.js";
import type { Exchange, Place } from "./exchange.js";

export type LineLimits = Pick<WebhookConfig, "keepAliveMs" | "maxConnections" | "maxHeaderBytes">;

/**
 * One tenant's connections to one origin, and those that wait for one.
 *   L1. undici knows only of requests that have a place: of what waits, whoever gives up leaves the queue at once, where
 *       undici would keep it, and dial for it, until its turn;
 *   L2. what was written is never written again: undici does that only with what was pipelined.
 */
export class Line implements Place {
  readonly #pool: Pool;
  readonly #places: number;
  readonly #waiting = new Map<Exchange, Dispatcher.DispatchOptions>();
  readonly #closed = Promise.withResolvers<void>();
  #underWay = 0;
  #used = true;
  #retired = false;

  constructor(origin: string, connect: Connector, limits: LineLimits) {
    this.#places = limits.maxConnections;
    this.#pool = new Pool(origin, {
      factory: (url, options) => new Connection(url, options, connect),
      connections: limits.maxConnections,
      pipelining: 1, // (L2)
      allowH2: false,
      maxHeaderSize: limits.maxHeaderBytes,
      keepAliveTimeout: limits.keepAliveMs,
      keepAliveMaxTimeout: limits.keepAliveMs,
      keepAliveTimeoutThreshold: 1_000,
      // The exchange has one deadline for everything.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  carry(exchange: Exchange, options: Dispatcher.DispatchOptions): void {
    this.#used = true;
    if (this.#underWay < this.#places) return this.#start(exchange, options);
    this.#waiting.set(exchange, options);
    void exchange.result.then(() => this.#waiting.delete(exchange)); // (L1)
  }

  leave(): void {
    this.#underWay--;
    this.#startNext();
    this.#closeIfDone();
  }

  usedSinceAsked(): boolean {
    const used = this.#used || this.#underWay > 0;
    this.#used = false;
    return used;
  }

  /** Ends when the last request has. */
  async retire(): Promise<void> {
    this.#retired = true;
    this.#closeIfDone();
    return this.#closed.promise;
  }

  #startNext(): void {
    for (const [exchange, options] of this.#waiting) {
      this.#waiting.delete(exchange);
      if (!exchange.settled) return this.#start(exchange, options);
    }
  }

  #start(exchange: Exchange, options: Dispatcher.DispatchOptions): void {
    this.#underWay++;
    exchange.place = this;
    this.#pool.dispatch(options, exchange);
  }

  #closeIfDone(): void {
    if (this.#retired && this.#underWay === 0) void this.#pool.close().then(this.#closed.resolve);
  }
}
