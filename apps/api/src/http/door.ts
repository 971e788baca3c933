import type { Clock } from "@punctual/core";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onClientError } from "./client-error.js";

export interface DoorOptions {
  readonly host: string;
  readonly port: number;
  /** Where metrics and health are asked for besides. */
  readonly opsPort: number | null;
}

/** An import may take long; all other bodies have a limit of their own. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 3_600_000, keepAliveTimeout: 5_000 };

/** Where requests come in. It listens before there is anything to answer with, so that its address can be told. */
export class Door {
  readonly url: string;
  readonly #servers: readonly Server[];
  readonly #closing = new AbortController();
  #listeners: readonly RequestListener[] = [];

  private constructor(url: string, servers: readonly Server[]) {
    this.url = url;
    this.#servers = servers;
    for (const [index, server] of servers.entries()) {
      server.on("clientError", onClientError);
      server.on("request", (request, response) => (this.#listeners[index] ?? starting)(request, response));
    }
  }

  static async open({ host, port, opsPort }: DoorOptions): Promise<Door> {
    const servers: Server[] = [];
    try {
      for (const one of [port, ...(opsPort === null ? [] : [opsPort])]) servers.push(await listening(host, one));
    } catch (error) {
      for (const server of servers) server.close();
      throw error;
    }
    return new Door(urlOf(servers[0]), servers);
  }

  /** Aborted when nothing new should come in. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  answer(listener: RequestListener, ops: RequestListener = listener): void {
    this.#listeners = [listener, ops];
  }

  /** Lets nobody in any more and waits for those who are; whether all left in time. */
  async close(withinMs: number, clock: Clock): Promise<boolean> {
    this.#closing.abort();
    const left = new AbortController();
    const closed = Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
    // A connection that is kept for a next request is let go as soon as its last one is answered.
    const idle = setInterval(() => this.#each((server) => server.closeIdleConnections()), 25);
    const late = clock.sleep(withinMs, left.signal).then(() => false);
    const ended = await Promise.race([closed.then(() => true), late]);
    left.abort();
    clearInterval(idle);
    this.#each((server) => server.closeAllConnections());
    return ended;
  }

  #each(does: (server: Server) => void): void {
    for (const server of this.#servers) does(server);
  }
}

/** Who comes before there is anybody to answer is told to come again. */
const starting: RequestListener = (_, response) => {
  response.writeHead(503, { "content-type": "application/json", "retry-after": "1", connection: "close" });
  response.end('{"status":"away"}');
};

async function listening(host: string, port: number): Promise<Server> {
  const server = createServer(TIMEOUTS);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}

function urlOf(server: Server | undefined): string {
  const { address, port, family } = server?.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
