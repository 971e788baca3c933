import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";

export interface LongRunningOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

const PROGRAM = resolve(
  dirname(createRequire(import.meta.url).resolve("@punctual/standalone/package.json")),
  "dist/src/main.js",
);

/** A process of the program as a container runs it. */
export class LongRunning {
  /** Where it listens, once it does. */
  readonly url: Promise<string>;
  readonly #child: ChildProcess;

  constructor({ env, onLine }: LongRunningOptions) {
    this.#child = spawn(process.execPath, ["--enable-source-maps", PROGRAM], {
      env: { ...env, PATH: process.env["PATH"] ?? "", PUNCTUAL_LOG_LEVEL: "info" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { promise, resolve: ready, reject } = Promise.withResolvers<string>();
    this.url = promise;
    promise.catch(() => undefined); // told to whoever asks; one that is killed before may be nobody's
    const late = setTimeout(() => reject(new Error("The program was not ready in time")), 60_000);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        const url = /"url":"(http:[^"]+)"/.exec(line)?.[1];
        if (url !== undefined) ready(url);
        else if (!line.includes('"level":"info"')) onLine(line);
      });
    }
    this.#child.once("exit", () => {
      clearTimeout(late);
      reject(new Error("The program ended before it was ready"));
    });
    promise.then(() => clearTimeout(late)).catch(() => undefined);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async end(): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
    return this.#child.exitCode;
  }
}
