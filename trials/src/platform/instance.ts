import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "@punctual/core";
import type { Backend } from "./balancer.js";
import type { Release } from "./release.js";

const START_MS = 60_000;
const SAID_KEPT = 4_000;

export interface InstanceOptions {
  readonly release: Release;
  readonly roles: "api" | "worker" | "api,worker";
  /** What else its environment says. */
  readonly env: Readonly<Record<string, string>>;
}

/** A process of the platform, as it is started on a server. */
export class Instance implements Backend {
  readonly name: string;
  readonly roles: InstanceOptions["roles"];
  readonly url: string;
  /** Whether it was told to end. */
  draining = false;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  private constructor(
    { release, roles }: InstanceOptions,
    child: ChildProcess,
    ended: Promise<number | null>,
    url: string,
  ) {
    this.name = release.name;
    this.roles = roles;
    this.url = url;
    this.#child = child;
    this.#ended = ended;
  }

  /** Resolves when it says that it is ready; throws what it has said where it ends before. */
  static async start(options: InstanceOptions, clock: Clock): Promise<Instance> {
    const { release, roles, env } = options;
    const child = spawn(process.execPath, [release.main], {
      env: { PUNCTUAL_PORT: "0", PUNCTUAL_ROLES: roles, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(child, "exit").then(([code]) => code as number | null);
    let said = "";
    const url = new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          said = (said + text).slice(-SAID_KEPT);
          const found = /is ready after .*?: (http:\S+)/.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        });
      }
    });
    const over = new AbortController();
    const late = clock.sleep(START_MS, over.signal).then(() => null);
    const first = await Promise.race([url, ended.then(() => null), late]).finally(() => over.abort());
    if (first !== null) return new Instance(options, child, ended, first);
    child.kill("SIGKILL");
    throw new Error(`${release.name} as ${roles} did not start: ${said}`);
  }

  /** By SIGTERM; resolves with its exit code when what was under way has ended. */
  async end(): Promise<number | null> {
    this.draining = true;
    this.#child.kill("SIGTERM");
    return this.#ended;
  }

  /** As where its machine is gone. */
  async kill(): Promise<void> {
    this.draining = true;
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
