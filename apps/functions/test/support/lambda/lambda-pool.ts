import { type InvokeOptions, LambdaFunction, type LambdaOptions, type LambdaReport } from "./lambda-function.js";

/**
 * A function with as many processes as there are invocations at once, up to its concurrency. An invocation beyond that is
 * refused, not kept waiting: so does Lambda, and who invokes has to come again.
 */
export class LambdaPool {
  readonly #options: LambdaOptions & { readonly concurrency: number };
  readonly #functions: LambdaFunction[] = [];

  constructor(options: LambdaOptions & { readonly concurrency: number }) {
    this.#options = options;
  }

  /** As many as were ever needed at once. */
  get size(): number {
    return this.#functions.length;
  }

  async invoke(event: unknown, options: InvokeOptions = {}): Promise<LambdaReport> {
    const free = this.#functions.find((one) => !one.busy) ?? this.#another();
    if (free !== null) return free.invoke(event, options);
    const error = { errorType: "TooManyRequestsException", errorMessage: "Rate Exceeded." };
    return { ok: false, error, requestId: "", durationMs: 0, coldStart: false, logs: [] };
  }

  /** Ends all processes at once, also amid invocations. */
  kill(): void {
    for (const one of this.#functions) one.kill();
  }

  /** Ends one process amid its invocation; false if none is under way. */
  killOne(): boolean {
    const busy = this.#functions.find((one) => one.busy);
    busy?.kill();
    return busy !== undefined;
  }

  async close(): Promise<void> {
    await Promise.all(this.#functions.map((one) => one.close()));
  }

  #another(): LambdaFunction | null {
    if (this.#functions.length >= this.#options.concurrency) return null;
    const another = new LambdaFunction(this.#options);
    this.#functions.push(another);
    return another;
  }
}
