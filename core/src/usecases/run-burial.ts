import type { Transport } from "../ports/transport.js";
import type { BuryDeadLetters } from "./bury-dead-letters.js";

export interface RunBurialDeps {
  readonly transport: Transport;
  readonly bury: Pick<BuryDeadLetters, "handle">;
}

/** Looks after what the transport gave up on until it is aborted, and then ends what it is at. Not for one without dead letters. */
export class RunBurial {
  readonly #deps: RunBurialDeps;

  constructor(deps: RunBurialDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { transport, bury } = this.#deps;
    await transport.consumeDeadLetters((letters) => bury.handle(letters), signal);
  }
}
