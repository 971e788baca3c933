import { hash } from "node:crypto";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SystemClock } from "@punctual/adapter-local";
import { Webhook } from "standardwebhooks";
import type { Arrival, ReceiverOrders, ReceiverReady, Trust } from "./orders.js";
import type { Part } from "./perform.js";

const HOST = "127.0.0.1";

/** Answers all requests alike, at several ports, and keeps what it saw of each. */
export class Receiver implements Part<ReceiverReady, readonly Arrival[]> {
  readonly #arrivals: Arrival[] = [];
  readonly #clock = new SystemClock();
  readonly #orders: ReceiverOrders;
  readonly #verifiers: readonly Webhook[];
  readonly #servers: readonly Server[];
  #trusted = 0;

  constructor(orders: ReceiverOrders) {
    this.#orders = orders;
    this.#verifiers = orders.secrets.map((secret) => new Webhook(secret));
    this.#servers = orders.ports.map((_, place) => {
      const receive = (request: IncomingMessage, response: ServerResponse) => {
        // Who goes away in the middle of a request has sent none.
        this.#receive(place, request, response).catch(() => response.destroy());
      };
      return createServer({ keepAliveTimeout: 60_000 }, receive);
    });
  }

  async open(): Promise<this> {
    await Promise.all(
      this.#servers.map(async (server, place) => {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        server.once("error", reject).listen(this.#orders.ports[place], HOST, 4_096, resolve);
        return promise;
      }),
    );
    return this;
  }

  get ready(): ReceiverReady {
    return { ports: this.#servers.map((server) => (server.address() as AddressInfo).port) };
  }

  hear({ trust }: Trust): void {
    this.#trusted = trust;
  }

  /** What is under way and is not answered within this turn is cut. */
  async end(): Promise<readonly Arrival[]> {
    const closed = this.#servers.map((server) => new Promise((done) => server.close(done)));
    if (this.#orders.answerMs > 0) for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(closed);
    return this.#arrivals;
  }

  async #receive(place: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now();
    const body = await text(request);
    const { answerMs } = this.#orders;
    this.#arrivals.push({
      id: String(request.headers["webhook-id"]),
      attempt: Number(request.headers["punctual-attempt"]),
      ...{ place, at, wallAt: performance.timeOrigin + at },
      bodyHash: hash("sha256", body),
      signers: this.#signersOf(body, request.headers),
      trusted: this.#trusted,
    });
    if (answerMs > 0) await this.#clock.sleep(answerMs);
    response.writeHead(204).end();
  }

  #signersOf(body: string, headers: IncomingHttpHeaders): readonly number[] {
    return this.#verifiers.flatMap((verifier, number) => {
      try {
        verifier.verify(body, headers as Record<string, string>);
        return [number];
      } catch {
        return [];
      }
    });
  }
}
