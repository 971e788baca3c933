import type { ConsumeOptions } from "@punctual/core";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import type { PushAnswer } from "../../src/transport/pushed.js";

const STATUS: Readonly<Record<PushAnswer, number>> = { ack: 204, nack: 503, malformed: 400 };

/** A service on loopback that subscriptions push to: each path is answered by what is said of it. */
export async function pushEndpoint(
  routes: Readonly<Record<string, (body: unknown, gone: AbortSignal) => Promise<PushAnswer>>>,
) {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const said = await routes[request.url ?? ""]?.(JSON.parse(Buffer.concat(chunks).toString()), gone.signal);
    response.writeHead(said === undefined ? 404 : STATUS[said]).end();
  };
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Place<H> {
  readonly handle: H;
  readonly most: number;
  underWay: number;
}

/** Gives what is pushed to whoever consumes, and has it wait while nobody does or all have their hands full. */
export class PushFeed<H> {
  readonly #places: Place<H>[] = [];
  #change = Promise.withResolvers<void>();

  async consume({ maxInFlight }: Pick<ConsumeOptions, "maxInFlight">, handle: H, signal: AbortSignal): Promise<void> {
    const place: Place<H> = { handle, most: maxInFlight, underWay: 0 };
    if (!signal.aborted) this.#places.push(place);
    signal.addEventListener("abort", () => this.#changed(), { once: true });
    this.#changed();
    while (!signal.aborted) await this.#change.promise;
    const at = this.#places.indexOf(place);
    if (at >= 0) this.#places.splice(at, 1);
    while (place.underWay > 0) await this.#change.promise;
  }

  async give<T>(gone: AbortSignal, work: (handle: H) => Promise<T>): Promise<T> {
    gone.addEventListener("abort", () => this.#changed(), { once: true });
    for (;;) {
      if (gone.aborted) throw new Error("Nobody waits for the answer any more");
      const place = this.#places.find(({ underWay, most }) => underWay < most);
      if (place === undefined) await this.#change.promise;
      else {
        place.underWay++;
        // The next one goes to somebody else.
        this.#places.push(...this.#places.splice(this.#places.indexOf(place), 1));
        try {
          return await work(place.handle);
        } finally {
          place.underWay--;
          this.#changed();
        }
      }
    }
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
