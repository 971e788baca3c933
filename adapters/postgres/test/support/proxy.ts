import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What becomes of a connection on which COMMIT is sent: it goes through, or breaks before or after the server had it. */
export type AtCommit = "pass" | "cut before" | "cut after";

const COMMIT = /commit\0/i;

/** A network in which things go wrong, between a client and a PostgreSQL server. */
export class Proxy {
  readonly #to: URL;
  readonly #pairs = new Set<Pair>();
  readonly #server = createServer((client) => this.#join(client));
  #dark = false;
  atCommit: AtCommit = "pass";
  /** How many connections it has cut. */
  cuts = 0;

  private constructor(url: string) {
    this.#to = new URL(url);
  }

  static async to(url: string): Promise<Proxy> {
    const proxy = new Proxy(url);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    const url = new URL(this.#to);
    url.hostname = "127.0.0.1";
    url.port = `${(this.#server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** From now on nothing arrives, in either direction, not even that a connection is closed. */
  goDark(): void {
    this.#dark = true;
    for (const pair of this.#pairs) pair.pause();
  }

  /** What was sent meanwhile arrives now. */
  comeBack(): void {
    this.#dark = false;
    for (const pair of this.#pairs) pair.resume();
  }

  async close(): Promise<void> {
    this.comeBack();
    for (const pair of this.#pairs) pair.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket): void {
    const server = connect({ host: this.#to.hostname, port: Number(this.#to.port) });
    const pair = new Pair(client, server);
    this.#pairs.add(pair);
    let committing = false;
    const cut = () => {
      this.cuts++;
      pair.cut();
    };
    client.on("data", (bytes) => {
      const commits = COMMIT.test(bytes.toString("latin1"));
      if (commits && this.atCommit === "cut before") return cut();
      committing = commits && this.atCommit === "cut after";
      server.write(bytes);
    });
    server.on("data", (bytes) => (committing ? cut() : client.write(bytes)));
    pair.onEnd(() => this.#pairs.delete(pair));
    if (this.#dark) pair.pause();
  }
}

/** Both ends of one connection. */
class Pair {
  readonly #ends: readonly Socket[];
  #paused = false;
  #over = false;

  constructor(...ends: readonly [Socket, Socket]) {
    this.#ends = ends;
    for (const end of ends) {
      end.on("error", () => undefined); // a close follows
      end.on("close", () => {
        this.#over = true;
        if (!this.#paused) this.cut();
      });
    }
  }

  onEnd(gone: () => void): void {
    for (const end of this.#ends) end.on("close", () => this.#paused || gone());
  }

  pause(): void {
    this.#paused = true;
    for (const end of this.#ends) end.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#over) this.cut();
    else for (const end of this.#ends) end.resume();
  }

  cut(): void {
    for (const end of this.#ends) end.destroy();
  }
}
