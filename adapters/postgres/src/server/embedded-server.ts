import { rmSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Unavailable } from "@punctual/core";
import { atExit } from "./at-exit.js";
import { npmBinaries } from "./binaries.js";
import { othersGone, withClient } from "./connections.js";
import { openDataFolder } from "./data-folder.js";
import { freePort } from "./free-port.js";
import { mustEnter, serverUser } from "./os-user.js";
import { type PostgresServer, type ServerOptions, settingArguments } from "./postgres-server.js";
import { Postmaster } from "./postmaster.js";
import { inUse, OWNER, stopLeftBehind } from "./running.js";

const HOST = "127.0.0.1";
const STARTS = 20;

export interface EmbeddedOptions extends ServerOptions {
  /** Where the data stay from run to run. Left out, they lie in a temporary folder until `stop`. */
  readonly dataDir?: string;
  /** Left out, a free one is found. */
  readonly port?: number;
}

/** A server as our child, on a loopback port. It ends with our process, but for a SIGKILL of that. */
export interface EmbeddedServer extends PostgresServer {
  readonly origin: "embedded";
  /** Ends it in good order and keeps the data, even temporary ones, until `start` or `stop`. */
  halt(): Promise<void>;
  /**
   * Ends it by SIGKILL, as if it had crashed. What was committed while the setting `synchronous_commit` was off, which
   * it is unless durable, may be lost by that: a test of it sets it on.
   */
  crash(): Promise<void>;
  /** Starts it again after `halt` or `crash`, on the same data and the same port. */
  start(): Promise<void>;
  /** `halt` or `crash`, then `start`. */
  restart(how?: "halt" | "crash"): Promise<void>;
}

/** Starts the PostgreSQL that npm brought. As root it runs as the user `postgres`, who is made if missing. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { postgres, initdb } = npmBinaries();
  const user = await serverUser();
  await mustEnter(user, dirname(postgres));
  const folder = await openFolder(options.dataDir);
  try {
    const { data, password } = await openDataFolder(folder.path, { initdb, user, durable: options.durable });
    const port = options.port ?? (await freePort(HOST));
    const place = { port: `${port}`, listen_addresses: HOST, unix_socket_directories: "" };
    const args = settingArguments(options, { ...place, lc_messages: "C", [OWNER]: `${process.pid}` });
    const server = new Embedded({
      url: `postgres://postgres:${password}@${HOST}:${port}/postgres`,
      run: () => startOn(data, port, () => Postmaster.start(postgres, data, args, user)),
      discard: folder.discard,
    });
    await server.start();
    return server;
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

class Embedded implements EmbeddedServer {
  readonly origin = "embedded";
  readonly url: string;
  readonly #run: () => Promise<Postmaster>;
  readonly #discard: () => Promise<void>;
  #running: Postmaster | null = null;

  constructor(made: { url: string; run: () => Promise<Postmaster>; discard: () => Promise<void> }) {
    this.url = made.url;
    this.#run = made.run;
    this.#discard = made.discard;
  }

  async start(): Promise<void> {
    this.#running ??= await this.#run();
  }

  async halt(): Promise<void> {
    if (this.#running === null) return;
    await withClient(this.url, othersGone).catch(() => {}); // a courtesy: it may have crashed, or be full
    await this.#end("SIGINT");
  }

  async crash(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async restart(how: "halt" | "crash" = "halt"): Promise<void> {
    await this[how]();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.halt();
    await this.#discard();
  }

  async #end(signal: "SIGINT" | "SIGKILL"): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.end(signal);
  }
}

async function openFolder(kept?: string): Promise<{ path: string; discard: () => Promise<void> }> {
  if (kept !== undefined) return { path: resolve(kept), discard: async () => {} };
  const path = await mkdtemp(join(tmpdir(), "punctual-postgres-"));
  const forget = atExit(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }));
  await chmod(path, 0o711); // what is secret in it has modes of its own
  return {
    path,
    discard: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
      forget();
    },
  };
}

async function startOn(data: string, port: number, start: () => Promise<Postmaster>): Promise<Postmaster> {
  await stopLeftBehind(data);
  for (let left = STARTS; ; left -= 1) {
    try {
      return await start();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : "";
      // The processes of a server whose first one was killed notice that soon, not at once.
      if (reason.includes("shared memory block") && left > 0) {
        await new Promise((done) => setTimeout(done, 100));
        continue;
      }
      if (reason.includes("could not bind")) throw new Unavailable(`Port ${port} is taken`, { cause });
      if (reason.includes('lock file "postmaster.pid"')) throw inUse(data);
      throw new Unavailable(`PostgreSQL did not start on ${data}: ${reason}`, { cause });
    }
  }
}
