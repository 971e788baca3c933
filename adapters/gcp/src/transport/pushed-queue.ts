import type { Outgoing, Received, TextQueue } from "@punctual/adapter-sdk";
import type { Clock } from "@punctual/core";

/**
 * What a subscription pushes. The answer to the push decides about a message, so that nothing is deleted here; and what is to
 * come later has its answer held, as long as there is time for that. The rest is left to the subscription's retry policy.
 */
export class PushedQueue implements TextQueue {
  readonly #queue: TextQueue;
  readonly #clock: Clock;
  readonly #holdMs: number;

  /** `queue` is what is sent to; `holdMs` must be less than the ack deadline, and than what a request may take. */
  constructor(queue: TextQueue, clock: Clock, holdMs: number) {
    this.#queue = queue;
    this.#clock = clock;
    this.#holdMs = holdMs;
  }

  async send(texts: readonly Outgoing[], signal?: AbortSignal): Promise<readonly (string | null)[]> {
    return this.#queue.send(texts, signal);
  }

  async receive(): Promise<readonly Received[]> {
    throw new Error("Messages are pushed: there is nothing to ask for");
  }

  async delete(receipts: readonly string[]): Promise<readonly boolean[]> {
    return receipts.map(() => false);
  }

  async keep(receipts: readonly string[], ms: number): Promise<readonly boolean[]> {
    await this.#clock.sleep(Math.min(ms, this.#holdMs));
    return receipts.map(() => ms <= this.#holdMs);
  }
}
