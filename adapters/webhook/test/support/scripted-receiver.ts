import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
// eslint-disable-next-line punctual/no-computed-delay -- no script waits for weeks
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";

/** One request, as far as it came. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** The head as it was on the wire, with the empty line that ends it. */
  readonly head: string;
  /** Names in lower case; of several equal ones the last. */
  readonly headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** Whether the body came in full. */
  whole: boolean;
  /** Counts from 1, over all connections. */
  readonly nth: number;
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
  /** By `performance.now()`. */
  readonly at: number;
}

/** What a receiver does; all of it is optional, and what it does not say is not done: by default it listens in silence. */
export interface Script {
  /** Somebody has connected and said nothing yet; under TLS after the handshake. */
  readonly onConnection?: (wire: Wire, nth: number) => unknown;
  /** The head of a request is here; its body may be still on its way. */
  readonly onHead?: (wire: Wire, request: ReceivedRequest) => unknown;
  /** A request is here as a whole. */
  readonly onRequest?: (wire: Wire, request: ReceivedRequest) => unknown;
}

/**
 * A receiver that says byte by byte what a test tells it to, over TCP or TLS, and keeps every request it gets:
 *
 *     const receiver = await ScriptedReceiver.listen({
 *       onRequest: async (wire, { nth }) => {
 *         if (nth === 1) return wire.reset();
 *         wire.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
 *         await wire.drip("hello", 100);
 *       },
 *     });
 *     // … send to receiver.url …
 *     expect(receiver.requests).to.have.length(2);
 *     await receiver.close();
 *
 * It understands of HTTP what it needs to tell requests apart: a head, and a body by `content-length`. It knows nothing of
 * answers. A script that fails fails `close`, so no test passes over it.
 */
export class ScriptedReceiver {
  readonly requests: ReceivedRequest[] = [];
  readonly port: number;
  /** How many have connected so far; under TLS those that shook hands. */
  connections = 0;
  readonly #server: net.Server;
  readonly #scheme: string;
  readonly #sockets = new Set<Socket>();
  #script: Script;
  #failure: Error | undefined;

  /** `secure` makes it speak TLS, with these options for it; `port` makes it listen where another did. */
  static async listen(script: Script = {}, { secure, port = 0 }: ReceiverOptions = {}): Promise<ScriptedReceiver> {
    const server = secure === undefined ? net.createServer() : tls.createServer(secure);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return new ScriptedReceiver(server, script, secure === undefined ? "http" : "https");
  }

  private constructor(server: net.Server, script: Script, scheme: string) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.#script = script;
    this.#scheme = scheme;
    server.on("connection", (socket: Socket) => this.#keep(socket));
    server.on(scheme === "https" ? "secureConnection" : "connection", (socket: Socket) => this.#serve(socket));
  }

  get url(): string {
    return this.urlAt("127.0.0.1");
  }

  urlAt(host: string, path = "/hook?a=1"): string {
    return `${this.#scheme}://${host}:${this.port}${path}`;
  }

  /** How many connections are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** What it does from now on. */
  follow(script: Script): void {
    this.#script = script;
  }

  async close(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, "close") : undefined;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined); // whoever breaks off a connection may do so
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #serve(socket: Socket): void {
    socket.on("error", () => undefined);
    const connection = ++this.connections;
    // Under TLS it is the connection below that can be reset.
    const below = [...this.#sockets].find(({ remotePort }) => remotePort === socket.remotePort) ?? socket;
    const wire = new Wire(socket, below);
    const told = (act: unknown) =>
      Promise.resolve(act).catch((error: unknown) => {
        if (!socket.destroyed) this.#failure ??= error as Error;
      });
    void told(this.#script.onConnection?.(wire, connection));

    let unread: Buffer = Buffer.alloc(0);
    let current: (ReceivedRequest & { readonly length: number }) | null = null;
    socket.on("data", (chunk: Buffer) => {
      unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
      for (;;) {
        if (current === null) {
          const end = unread.indexOf("\r\n\r\n");
          if (end < 0) return;
          const head = unread.subarray(0, end + 4).toString("latin1");
          unread = unread.subarray(end + 4);
          current = { ...parsed(head), nth: this.requests.length + 1, connection, at: performance.now() };
          this.requests.push(current);
          void told(this.#script.onHead?.(wire, current));
        }
        current.body = Buffer.from(unread.subarray(0, current.length));
        if (unread.length < current.length) return;
        unread = unread.subarray(current.length);
        const request = current;
        current = null;
        request.whole = true;
        void told(this.#script.onRequest?.(wire, request));
      }
    });
  }
}

export interface ReceiverOptions {
  readonly secure?: tls.TlsOptions;
  readonly port?: number;
}

/** One connection, as a script writes to it. After it was closed from afar, whatever is written is lost in silence. */
export class Wire {
  readonly #socket: Socket;
  readonly #below: Socket;

  constructor(socket: Socket, below: Socket) {
    this.#socket = socket;
    this.#below = below;
  }

  get closed(): boolean {
    return this.#socket.destroyed || this.#socket.writableEnded;
  }

  write(bytes: string | Buffer): void {
    if (!this.closed) this.#socket.write(bytes, "latin1");
  }

  /** One byte after another, until all is said or nobody listens. */
  async drip(bytes: string, everyMs: number): Promise<void> {
    for (const byte of bytes) {
      if (this.closed) return;
      this.write(byte);
      await sleep(everyMs);
    }
  }

  /** Nothing for a while. */
  async pause(ms: number): Promise<void> {
    await sleep(ms);
  }

  /** The same again and again, as fast as it is taken. */
  async flood(bytes: string | Buffer): Promise<void> {
    const again = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    while (!this.closed) {
      // Much at a time, and a turn for others in between.
      this.#socket.cork();
      for (let size = 0; size < 65_536 && !this.#socket.writableNeedDrain; size += again.length)
        this.#socket.write(again);
      this.#socket.uncork();
      await sleep(this.#socket.writableNeedDrain ? 1 : 0);
    }
  }

  /** Ends it in an orderly way (FIN), once what was written is out. */
  end(): void {
    this.#socket.end();
  }

  /** Breaks it off (RST); what was written may be lost. */
  reset(): void {
    this.#below.resetAndDestroy();
  }
}

function parsed(head: string): Pick<ReceivedRequest, "method" | "path" | "head" | "headers" | "body" | "whole"> & {
  readonly length: number;
} {
  const [first = "", ...lines] = head.trimEnd().split("\r\n");
  const [method = "", path = ""] = first.split(" ");
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const headers = Object.fromEntries(pairs);
  const length = Number(headers["content-length"] ?? 0);
  return { method, path, head, headers, body: Buffer.alloc(0), whole: false, length };
}
