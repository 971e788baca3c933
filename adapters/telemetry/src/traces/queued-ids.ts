import { type IdGenerator, RandomIdGenerator } from "@opentelemetry/sdk-trace";

/** Ids for spans that had their ids before anybody thought of spans; for others they are chance. */
export class QueuedIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #trace: string | undefined;
  #span: string | undefined;

  /** For the very next span. */
  next(ids: { readonly trace?: string; readonly span?: string }): void {
    this.#trace = ids.trace;
    this.#span = ids.span;
  }

  readonly generateTraceId = (): string => {
    const id = this.#trace ?? this.#random.generateTraceId();
    this.#trace = undefined;
    return id;
  };

  readonly generateSpanId = (): string => {
    const id = this.#span ?? this.#random.generateSpanId();
    this.#span = undefined;
    return id;
  };
}
