import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that functions ask amid an invocation: it shows that they have come so far, and lets them go on. */
export class Gate {
  readonly #waiting: ServerResponse[] = [];
  readonly #server = createServer((_request: IncomingMessage, response) => {
    this.#waiting.push(response);
    this.#arrived();
  });
  #arrived: () => void = () => undefined;

  static async open(): Promise<Gate> {
    const gate = new Gate();
    await once(gate.#server.listen(0, "127.0.0.1"), "listening");
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** When so many wait at once. */
  async waiting(count: number): Promise<void> {
    while (this.#waiting.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  /** How many were let go. */
  release(): number {
    const released = this.#waiting.splice(0);
    for (const response of released) response.end();
    return released.length;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
