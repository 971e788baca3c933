import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { RuntimeApi, type Said } from "./runtime-api.js";

export interface LambdaError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type Outcome =
  { readonly ok: true; readonly payload: unknown } | { readonly ok: false; readonly error: LambdaError };

export interface SandboxOptions {
  readonly name: string;
  readonly taskRoot: string;
  readonly env: Readonly<Record<string, string>>;
  readonly region: string;
  readonly memoryMb: number;
  readonly freezes: boolean;
  readonly initTimeoutMs: number;
  /** Hears each line of stdout and stderr. */
  readonly onLine: (line: string) => void;
}

const BOOTSTRAP = fileURLToPath(new URL("./bootstrap.js", import.meta.url));
const MOST_RESPONSE_BYTES = 6_291_556;
const KILLED: LambdaError = { errorType: "killed", errorMessage: "The process was killed" };

/** A frozen process would stay behind for ever: nothing that it could notice wakes it. */
const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** One process that runs a function, from its start to its end; it is frozen whenever no invocation is under way. */
export class Sandbox {
  readonly #options: SandboxOptions;
  readonly #api: RuntimeApi;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  #waitsForEvent = Promise.withResolvers<void>();
  #answer: Outcome | null = null;
  /** Why it was killed. */
  #killed: LambdaError | null = null;
  #over = false;

  private constructor(options: SandboxOptions, api: RuntimeApi, child: ChildProcess) {
    this.#options = options;
    this.#api = api;
    this.#child = child;
    for (const input of [child.stdout!, child.stderr!]) createInterface({ input }).on("line", options.onLine);
    // Closed is later than exited: nothing more comes from its streams.
    this.#closed = once(child, "close").then(() => {
      this.#over = true;
      living.delete(child);
      api.close();
    });
  }

  static async start(options: SandboxOptions): Promise<Sandbox> {
    const { name, taskRoot, env, region, memoryMb } = options;
    const api = await RuntimeApi.open((said) => sandbox.#hear(said));
    const child = spawn(process.execPath, [`--max-old-space-size=${memoryMb}`, BOOTSTRAP], {
      cwd: taskRoot,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        LANG: "en_US.UTF-8",
        TZ: ":UTC",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        ...env,
        _HANDLER: "index.handler",
        LAMBDA_TASK_ROOT: taskRoot,
        AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_LAMBDA_RUNTIME_API: api.address,
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
        AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
        AWS_LAMBDA_LOG_STREAM_NAME: `[$LATEST]${randomBytes(16).toString("hex")}`,
      },
    });
    living.add(child);
    const sandbox: Sandbox = new Sandbox(options, api, child);
    return sandbox;
  }

  /** It will take no more events. */
  get over(): boolean {
    return this.#over || this.#killed !== null;
  }

  /** When it can take events, or has ended before it could. */
  async initialize(): Promise<LambdaError | null> {
    const { initTimeoutMs } = this.#options;
    if (await this.#within(initTimeoutMs, this.#waitsForEvent.promise)) return null;
    return this.#whyEnded("");
  }

  async invoke(event: unknown, timeoutMs: number): Promise<{ readonly requestId: string; readonly outcome: Outcome }> {
    const { name, region, freezes } = this.#options;
    const requestId = randomUUID();
    this.#answer = null;
    this.#waitsForEvent = Promise.withResolvers();
    if (freezes) this.#child.kill("SIGCONT");
    this.#api.give({
      requestId,
      functionArn: `arn:aws:lambda:${region}:000000000000:function:${name}`,
      deadlineMs: Date.now() + timeoutMs,
      traceId: `Root=1-${hex(4)}-${hex(12)};Parent=${hex(8)};Sampled=0`,
      body: JSON.stringify(event),
    });
    const finished = await this.#within(timeoutMs, this.#waitsForEvent.promise, requestId);
    if (finished && freezes) this.#child.kill("SIGSTOP");
    // What it wrote before it asked for the next event has reached this process together with that.
    await new Promise((resolve) => setImmediate(resolve));
    return { requestId, outcome: this.#outcome(requestId) };
  }

  /** At once, whatever it does. */
  kill(reason = KILLED): void {
    this.#killed ??= reason;
    this.#child.kill("SIGKILL");
  }

  async close(): Promise<void> {
    this.kill();
    await this.#closed;
  }

  #hear(said: Said): void {
    if (said.kind === "next") this.#waitsForEvent.resolve();
    else this.#answer ??= outcomeOf(said.kind, said.body);
  }

  /** Whether it came so far in time; if not, the process has ended when this is known. */
  async #within(ms: number, reached: Promise<void>, requestId = ""): Promise<boolean> {
    const deadline = AbortSignal.timeout(ms);
    const kill = () => this.kill(timedOut(ms, requestId));
    deadline.addEventListener("abort", kill);
    const came = await Promise.race([reached.then(() => true), this.#closed.then(() => false)]);
    deadline.removeEventListener("abort", kill);
    return came;
  }

  /** An answer counts, whatever became of the process after it. */
  #outcome(requestId: string): Outcome {
    return this.#answer ?? { ok: false, error: this.#whyEnded(requestId) };
  }

  #whyEnded(requestId: string): LambdaError {
    if (this.#killed !== null) return this.#killed;
    if (this.#answer?.ok === false) return this.#answer.error;
    const { exitCode, signalCode } = this.#child;
    const how = signalCode === null ? `exit status ${exitCode}` : `signal: ${signalCode}`;
    const why = exitCode === 0 ? "Runtime exited without providing a reason" : `Runtime exited with error: ${how}`;
    return { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${requestId} Error: ${why}` };
  }
}

function outcomeOf(kind: "response" | "error" | "init-error", body: string): Outcome {
  if (kind !== "response") return { ok: false, error: JSON.parse(body) as LambdaError };
  if (Buffer.byteLength(body) <= MOST_RESPONSE_BYTES) return { ok: true, payload: JSON.parse(body) as unknown };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${MOST_RESPONSE_BYTES} bytes).`;
  return { ok: false, error: { errorType: "Function.ResponseSizeTooLarge", errorMessage } };
}

function timedOut(ms: number, requestId: string): LambdaError {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${(ms / 1_000).toFixed(2)} seconds`;
  return { errorType: "Sandbox.Timedout", errorMessage };
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
