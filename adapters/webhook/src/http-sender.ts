import {
  type Clock,
  type OutgoingRequest,
  type Sender,
  type SendResult,
  Unavailable,
  type UrlObjection,
  type Vault,
} from "@punctual/core";
import type { Dispatcher } from "undici";
import type { WebhookConfig } from "./config.js";
import { Deadlines } from "./deadlines.js";
import { Exchange } from "./exchange.js";
import { Unsendable } from "./failure.js";
import { guardedConnector } from "./guard/connector.js";
import { Refused } from "./guard/errors.js";
import type { Guard } from "./guard/guard.js";
import { headersOf } from "./headers.js";
import { OpenSecrets } from "./open-secrets.js";
import { Pools } from "./pools.js";
import { Recent } from "./secrets/recent.js";

export interface HttpSenderDeps {
  readonly guard: Guard;
  readonly vault: Vault;
  readonly clock: Pick<Clock, "monotonic">;
  readonly config: WebhookConfig;
}

/** What a URL leads to, as far as its text says. */
interface Target {
  readonly refused: Refused | null;
  readonly origin: string;
  readonly path: string;
}

const METHODS: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "GET", "DELETE"]);

/**
 * Calls URLs over HTTP/1.1, on connections that are kept for the next request of the same tenant. The body is sent with
 * every method: to GET and DELETE it has no meaning of its own, but it is what the signature is for.
 */
export class HttpSender implements Sender {
  readonly kind = "http";
  readonly #guard: Guard;
  readonly #config: WebhookConfig;
  readonly #now: () => number;
  readonly #targets = new Recent<Target>(10_000);
  readonly #secrets: OpenSecrets;
  readonly #deadlines: Deadlines;
  readonly #pools: Pools;

  constructor({ guard, vault, clock, config }: HttpSenderDeps) {
    this.#guard = guard;
    this.#config = config;
    this.#now = () => clock.monotonic();
    this.#secrets = new OpenSecrets(vault);
    this.#deadlines = new Deadlines(this.#now);
    const { connectTimeoutMs, ca } = config;
    this.#pools = new Pools(guardedConnector({ guard, connectTimeoutMs, tls: { ca } }), config);
  }

  async objection(url: string): Promise<UrlObjection | null> {
    return this.#guard.objection(url);
  }

  async send(request: OutgoingRequest, signal?: AbortSignal): Promise<SendResult> {
    const exchange = new Exchange(this.#now, request.destination.timeoutMs, this.#config);
    const giveUp = () => exchange.expire();
    if (signal?.aborted === true) giveUp();
    else signal?.addEventListener("abort", giveUp, { once: true });
    this.#deadlines.add(exchange);
    try {
      await this.#begin(request, exchange, signal);
      return await exchange.result;
    } finally {
      this.#deadlines.delete(exchange);
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Ends when the requests under way have ended. */
  /** After a pause in which nothing ran: what was kept open may have been closed by its other end, unseen. */
  renew(): void {
    this.#pools.renew();
  }

  close(): Promise<void> {
    return this.#pools.close();
  }

  async #begin(request: OutgoingRequest, exchange: Exchange, signal?: AbortSignal): Promise<void> {
    const { tenant, destination } = request;
    const target = this.#targets.get(destination.url, (url) => this.#targetOf(url));
    if (target.refused !== null) return exchange.fail(target.refused);
    const opening = this.#secrets.of(destination, request.at);
    const secrets =
      opening instanceof Promise ? await Promise.race([opening, exchange.result.then(() => [])]) : opening;
    if (exchange.settled) {
      // Its time was over before anything could be sent: that says nothing of the receiver (W7).
      if (opening instanceof Promise && signal?.aborted !== true)
        throw new Unavailable("A secret was not opened in time");
      return;
    }
    try {
      this.#pools.carry({ tenant, origin: target.origin }, exchange, this.#optionsOf(request, target.path, secrets));
    } catch (error) {
      if (!(error instanceof Unsendable)) throw error;
      exchange.fail(error);
    }
  }

  #targetOf(text: string): Target {
    const objection = this.#guard.textObjection(text);
    if (objection !== null) return { refused: new Refused(objection), origin: "", path: "" };
    const url = new URL(text);
    return { refused: null, origin: url.origin, path: url.pathname + url.search };
  }

  #optionsOf(request: OutgoingRequest, path: string, secrets: readonly string[]): Dispatcher.DispatchOptions {
    const { method } = request.destination;
    if (!METHODS.has(method)) throw new Unsendable("UNSENDABLE_METHOD");
    const body = Buffer.from(request.body); // what is signed and what is sent
    return { method, path, headers: headersOf({ request, body, secrets }, this.#config), body, idempotent: false };
  }
}
