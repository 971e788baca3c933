import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { sleep } from "./sleep.js";

export interface CloudRunOptions {
  /** The program that an instance runs. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly maxInstances: number;
  /** How many requests one instance is given at a time. */
  readonly concurrency: number;
  readonly onLine: (line: string) => void;
  /** What an instance has answered to what. */
  readonly onAnswer?: (body: string, status: number) => void;
}

const MOST_WAIT_MS = 10_000;

/**
 * A service as Cloud Run has it: one address, and behind it as many instances as there is need for, each of which stands still
 * while it has no request.
 */
export class CloudRunService {
  readonly #options: CloudRunOptions;
  readonly #server: Server;
  #instances: Instance[] = [];

  private constructor(options: CloudRunOptions) {
    this.#options = options;
    this.#server = createServer((asked, answer) => {
      this.#forward(asked, answer).catch(() => {
        if (answer.headersSent) answer.destroy();
        else answer.writeHead(503).end();
      });
    });
  }

  static async open(options: CloudRunOptions): Promise<CloudRunService> {
    const service = new CloudRunService(options);
    service.#server.listen(0, "127.0.0.1");
    await once(service.#server, "listening");
    return service;
  }

  /** Runs a job to its end. */
  static async job(entry: string, env: Readonly<Record<string, string>>): Promise<void> {
    const child = spawn(process.execPath, ["--enable-source-maps", entry], {
      env: { ...env, PATH: process.env["PATH"] ?? "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [said] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    if (child.exitCode !== 0) throw new Error(`The job ended with ${child.exitCode}: ${said}`);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends one instance amid its requests; false if none has any. */
  killOne(): boolean {
    const busy = this.#instances.find((one) => one.underWay > 0);
    busy?.kill();
    return busy !== undefined;
  }

  /** As Cloud Run ends what it needs no more; how they ended. */
  async close(): Promise<readonly (number | null)[]> {
    const codes = await Promise.all(this.#instances.map((one) => one.end()));
    this.#server.closeAllConnections();
    this.#server.close();
    return codes;
  }

  async #forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await text(asked);
    const instance = await this.#soonFree();
    if (instance === null) return void answer.writeHead(429).end();
    await instance.answer(asked, body, answer);
    this.#options.onAnswer?.(body, answer.statusCode);
  }

  /** A request waits for its turn, and is refused where that does not come. */
  async #soonFree(): Promise<Instance | null> {
    for (let waitedMs = 0; waitedMs < MOST_WAIT_MS; waitedMs += 20) {
      const free = this.#free();
      if (free !== null) return free;
      await sleep(20);
    }
    return null;
  }

  #free(): Instance | null {
    const { concurrency, maxInstances } = this.#options;
    this.#instances = this.#instances.filter((one) => one.lives);
    const free = this.#instances.find((one) => one.underWay < concurrency);
    if (free !== undefined) return free;
    if (this.#instances.length >= maxInstances) return null;
    const another = new Instance(this.#options);
    this.#instances.push(another);
    return another;
  }
}

/** One container: a process that listens where it says, and gets the CPU while it has requests. */
class Instance {
  underWay = 0;
  readonly #child: ChildProcess;
  readonly #port: Promise<number>;
  #ending = false;

  constructor({ entry, env, onLine }: CloudRunOptions) {
    this.#child = spawn(process.execPath, ["--enable-source-maps", entry], {
      env: { ...env, PORT: "0", PATH: process.env["PATH"] ?? "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#port = promise;
    promise.catch(() => undefined); // told to whoever asks
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        const port = /"message":"ready","port":(\d+)/.exec(line)?.[1];
        if (port === undefined) onLine(line);
        else resolve(Number(port));
      });
    }
    const late = setTimeout(() => reject(new Error("It did not start in time")), 20_000);
    this.#child.once("exit", () => {
      clearTimeout(late);
      reject(new Error("It ended before it was ready"));
    });
    void promise.then(() => clearTimeout(late)).catch(() => undefined);
  }

  get lives(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async end(): Promise<number | null> {
    if (!this.lives) return this.#child.exitCode;
    const ended = once(this.#child, "exit");
    this.#ending = true;
    this.#child.kill("SIGCONT");
    this.#child.kill("SIGTERM");
    await ended;
    return this.#child.exitCode;
  }

  async answer(asked: IncomingMessage, body: string, answer: ServerResponse): Promise<void> {
    this.underWay++;
    try {
      const port = await this.#port;
      this.#child.kill("SIGCONT");
      await this.#pass(port, asked, body, answer);
    } finally {
      this.underWay--;
      if (this.underWay === 0 && this.lives && !this.#ending) this.#child.kill("SIGSTOP");
    }
  }

  async #pass(port: number, asked: IncomingMessage, body: string, answer: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = asked;
    const sent = request({ host: "127.0.0.1", port, method, path: url, headers, agent: false });
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    answer.writeHead(response.statusCode ?? 502, response.headers);
    await pipeline(response, answer).catch(() => undefined); // whoever asked may be gone
  }
}
