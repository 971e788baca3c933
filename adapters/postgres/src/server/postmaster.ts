import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { Unavailable } from "@punctual/core";
import { atExit } from "./at-exit.js";
import type { OsUser } from "./os-user.js";

const READY = "database system is ready to accept connections";
const LOG_KEPT = 4_000;
const EXIT_POLLS = 1_000;
const EXIT_POLL_MS = 5;

/** One run of a server, from the moment it is ready until the last of its processes is gone. */
export class Postmaster {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;

  private constructor(child: ChildProcess, gone: Promise<void>) {
    this.#child = child;
    this.#gone = gone;
  }

  /** Starts `postgres`; rejects with the last words of its log when that ends before it is ready. */
  static async start(program: string, data: string, args: readonly string[], user: OsUser): Promise<Postmaster> {
    // Detached, so that Ctrl-C at a terminal reaches us alone: an app drains while its database still answers.
    const stdio: ["ignore", "ignore", "pipe"] = ["ignore", "ignore", "pipe"];
    const child = spawn(program, ["-D", data, ...args], { ...user, cwd: "/", detached: true, stdio });
    const forget = atExit(() => endNow(child, data));
    // Every process of the server holds the other end of its standard error, so it closes with the last of them.
    const gone = new Promise<void>((resolve) => child.once("close", () => resolve())).finally(forget);
    let log = "";
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        log = (log + text).slice(-LOG_KEPT);
        if (log.includes(READY)) resolve();
      });
      void gone.then(() => reject(new Unavailable(log.trim())));
    });
    const postmaster = new Postmaster(child, gone);
    postmaster.#holdsProcess(false);
    return postmaster;
  }

  /** SIGINT throws clients out and writes everything down; SIGKILL is a crash. Resolves when no process is left. */
  async end(signal: "SIGINT" | "SIGKILL"): Promise<void> {
    this.#holdsProcess(true);
    this.#child.kill(signal);
    await this.#gone;
  }

  /** A server alone does not keep our process running. */
  #holdsProcess(holds: boolean): void {
    const does = holds ? "ref" : "unref";
    this.#child[does]();
    if (this.#child.stderr instanceof Socket) this.#child.stderr[does]();
  }
}

/** The same without events: at the end of the process none come any more. */
function endNow(child: ChildProcess, data: string): void {
  if (child.exitCode !== null || child.signalCode !== null || !child.kill("SIGINT")) return;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  // It takes this file away as the last thing it does. Its process would stay to be seen, as ours has not asked for it.
  for (let poll = 0; poll < EXIT_POLLS && existsSync(join(data, "postmaster.pid")); poll += 1) {
    Atomics.wait(pause, 0, 0, EXIT_POLL_MS);
  }
}
