import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sleep } from "./sleep.js";

/** A request as the other side saw it. */
export interface Seen {
  readonly eventId: string;
  readonly attempt: number;
  readonly dueAt: number;
  readonly at: number;
  readonly path: string;
  readonly body: string;
  readonly status: number;
}

/** What an event's data can ask for, by how often the event was seen, from 1: one receiver may treat each as it likes. */
const MANNERS: Readonly<Record<string, (times: number) => { readonly status: number; readonly afterMs?: number }>> = {
  well: () => ({ status: 204 }),
  slow: () => ({ status: 200, afterMs: 400 }),
  twice: (times) => ({ status: times <= 2 ? 503 : 200 }),
  never: () => ({ status: 500 }),
  refuses: () => ({ status: 400 }),
};

const NOWHERE: { readonly status: number; readonly afterMs?: number } = { status: 404 };

/** Receivers of all kinds, by their paths, that write down every request. */
export class Receiver {
  readonly seen: Seen[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #times = new Map<string, number>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Where a function stands still for longer than `keepAliveMs`, its connection is closed meanwhile. */
  static async open({ keepAliveMs = 2_000 } = {}): Promise<Receiver> {
    const server = createServer((request, response) => {
      const at = Date.now();
      let body = "";
      request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      request.on("error", () => response.destroy()); // half a request of a sender that died is none
      request.on("end", () => {
        const header = (name: string) => String(request.headers[name]);
        const [eventId, attempt] = [header("webhook-id"), Number(header("punctual-attempt"))];
        void one.#answer(
          { eventId, attempt, dueAt: Date.parse(header("punctual-due")), at, path: request.url ?? "", body },
          response,
        );
      });
    });
    server.keepAliveTimeout = keepAliveMs;
    server.on("connection", () => one.connections++);
    const one = new Receiver(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return one;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  of(eventId: string): readonly Seen[] {
    return this.seen.filter((one) => one.eventId === eventId);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(one: Omit<Seen, "status">, response: ServerResponse): Promise<void> {
    const times = (this.#times.get(one.eventId) ?? 0) + 1;
    this.#times.set(one.eventId, times);
    const { status, afterMs = 0 } = MANNERS[mannerOf(one.body)]?.(times) ?? NOWHERE;
    this.seen.push({ ...one, status });
    if (afterMs > 0) await sleep(afterMs);
    response.writeHead(status).end();
  }
}

function mannerOf(body: string): string {
  const { data } = JSON.parse(body) as { readonly data?: { readonly manner?: string } };
  return data?.manner ?? "well";
}
