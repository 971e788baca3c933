import {
  type Clock,
  claimKey,
  type ConsumeOptions,
  type DeadLetterHandler,
  type Failpoints,
  type Message,
  type MessageHandler,
  type MessageVerdict,
  type SendReport,
  type Transport,
} from "@punctual/core";
import { MemoryTransport } from "@punctual/core/memory";

/** The memory transport, which here knows what it still holds: that goes back to the store when its process ends. */
export class HeldTransport implements Transport {
  readonly #inner: MemoryTransport;
  readonly #failpoints: Failpoints;
  readonly #held = new Map<string, Message>();

  constructor(clock: Clock, failpoints: Failpoints) {
    this.#inner = new MemoryTransport(clock, { visibilityMs: 60_000, maxReceives: 1_000 });
    this.#failpoints = failpoints;
  }

  get capabilities() {
    return this.#inner.capabilities;
  }

  get held(): readonly Message[] {
    return [...this.#held.values()];
  }

  async send(messages: readonly Message[]): Promise<SendReport> {
    const report = await this.#inner.send(messages);
    for (const message of report.accepted) this.#held.set(claimKey(message), message);
    await this.#failpoints.at("publish.after_send_before_ack");
    return report;
  }

  async consume(options: ConsumeOptions, handle: MessageHandler, signal: AbortSignal): Promise<void> {
    const handled: MessageHandler = (messages) =>
      handle(messages).map(async (verdict, index) => this.#settled(messages[index], await verdict));
    await this.#inner.consume(options, handled, signal);
  }

  async consumeDeadLetters(handle: DeadLetterHandler, signal: AbortSignal): Promise<void> {
    await this.#inner.consumeDeadLetters(handle, signal);
  }

  #settled(message: Message | undefined, verdict: MessageVerdict): MessageVerdict {
    if (verdict.kind === "retry" || message === undefined) return verdict;
    this.#held.delete(claimKey(message));
    // By then the transport has heard of it.
    setImmediate(() => void this.#failpoints.at("ack.after"));
    return verdict;
  }
}
