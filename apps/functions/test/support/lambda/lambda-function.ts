import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { type LambdaError, type Outcome, Sandbox } from "./sandbox.js";

export interface LambdaOptions {
  /** The folder of a built bundle, which holds `index.mjs`. */
  readonly bundle: string;
  /** Left out, the bundle's. */
  readonly name?: string;
  /** All that the function knows, besides what Lambda itself sets. */
  readonly env?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly memoryMb?: number;
  /** Left out, a process stands still whenever no invocation is under way, as it does on Lambda. */
  readonly freezes?: boolean;
  readonly initTimeoutMs?: number;
  /** Hears each line that a process prints, when it is printed. */
  readonly onLine?: (line: string) => void;
}

export type LambdaReport = Outcome & {
  readonly requestId: string;
  /** Without the time that a cold start took. */
  readonly durationMs: number;
  readonly coldStart: boolean;
  /** What was printed on stdout and stderr since the last invocation, a cold start's lines included. */
  readonly logs: readonly string[];
};

export interface InvokeOptions {
  readonly timeoutMs?: number;
}

/**
 * A function as Lambda runs it: a process that is started when it is needed, from a folder with no packages above it, takes one
 * event at a time, and is frozen in between. One that has died, by itself or by `kill`, is followed by another.
 */
export class LambdaFunction {
  readonly #options: LambdaOptions;
  #taskRoot: string | null = null;
  #sandbox: Sandbox | null = null;
  #lines: string[] = [];
  #busy = false;

  constructor(options: LambdaOptions) {
    this.#options = options;
  }

  get busy(): boolean {
    return this.#busy;
  }

  async invoke(event: unknown, { timeoutMs = 30_000 }: InvokeOptions = {}): Promise<LambdaReport> {
    if (this.#busy) throw new Error("A function takes one event at a time; a LambdaPool has as many as are needed");
    this.#busy = true;
    try {
      const coldStart = this.#sandbox === null || this.#sandbox.over;
      const failure = coldStart ? await this.#start() : null;
      if (failure !== null) return this.#report("", 0, coldStart, { ok: false, error: failure });
      const from = performance.now();
      const { requestId, outcome } = await this.#sandbox!.invoke(event, timeoutMs);
      return this.#report(requestId, performance.now() - from, coldStart, outcome);
    } finally {
      this.#busy = false;
    }
  }

  /** Ends the process at once, also amid an invocation, which then reports `killed`. */
  kill(): void {
    this.#sandbox?.kill();
  }

  async close(): Promise<void> {
    await this.#sandbox?.close();
    if (this.#taskRoot !== null) await rm(this.#taskRoot, { recursive: true, force: true });
    this.#taskRoot = null;
  }

  async #start(): Promise<LambdaError | null> {
    const { bundle, env = {}, region = "eu-central-1", memoryMb = 1_024, onLine } = this.#options;
    if (this.#taskRoot === null) {
      this.#taskRoot = await mkdtemp(join(tmpdir(), "punctual-lambda-"));
      await cp(bundle, this.#taskRoot, { recursive: true });
    }
    this.#sandbox = await Sandbox.start({
      name: this.#options.name ?? basename(resolve(bundle)),
      taskRoot: this.#taskRoot,
      env,
      region,
      memoryMb,
      freezes: this.#options.freezes ?? true,
      initTimeoutMs: this.#options.initTimeoutMs ?? 10_000, // what Lambda gives a cold start
      onLine: (line) => {
        this.#lines.push(line);
        onLine?.(line);
      },
    });
    return this.#sandbox.initialize();
  }

  #report(requestId: string, durationMs: number, coldStart: boolean, outcome: Outcome): LambdaReport {
    const logs = this.#lines;
    this.#lines = [];
    return { ...outcome, requestId, durationMs, coldStart, logs };
  }
}
