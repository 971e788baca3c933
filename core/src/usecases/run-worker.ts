import type { ConsumeOptions, Transport } from "../ports/transport.js";
import type { DeliverEvents } from "./deliver-events.js";

export interface RunWorkerDeps {
  readonly transport: Transport;
  readonly deliver: DeliverEvents;
}

/** The long-running worker: delivers what the transport brings until it is aborted, and then what it holds. */
export class RunWorker {
  readonly #deps: RunWorkerDeps;
  readonly #options: ConsumeOptions;

  constructor(deps: RunWorkerDeps, options: ConsumeOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { transport, deliver } = this.#deps;
    await transport.consume(this.#options, (messages) => deliver.handle(messages, signal), signal);
  }
}
