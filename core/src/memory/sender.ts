import type { Clock } from "../ports/clock.js";
import type { OutgoingRequest, Sender, SendResult, UrlObjection } from "../ports/sender.js";

/** What a receiver in memory answers: a status, or how it fails; after some time, if it says so. */
export type Answer = Partial<Pick<SendResult, "status" | "error" | "retryAfter" | "responseExcerpt">> & {
  readonly afterMs?: number;
};

export type Receiver = (request: OutgoingRequest) => Answer;

export interface ReceivedRequest {
  readonly at: Date;
  readonly request: OutgoingRequest;
}

/** Of an answer no more is kept. */
const MOST_KEPT = 4_096;

/** Receivers in the same process, by URL; every request they get is kept. An unknown URL cannot be connected to. */
export class MemorySender implements Sender {
  readonly kind = "http";
  readonly received: ReceivedRequest[] = [];
  readonly #clock: Clock;
  readonly #receivers = new Map<string, Receiver>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  listen(url: string, receiver: Receiver): void {
    this.#receivers.set(url, receiver);
  }

  async send(request: OutgoingRequest, signal?: AbortSignal): Promise<SendResult> {
    const from = this.#clock.monotonic();
    const answer = this.#answer(request, this.#clock.now());
    const { timeoutMs } = request.destination;
    const takes = answer.afterMs ?? 0;
    if (takes > 0) await this.#clock.sleep(Math.min(takes, timeoutMs), signal);
    const timely = takes <= timeoutMs && signal?.aborted !== true;
    const outcome: Answer = timely ? answer : { error: "timeout" };
    const error = outcome.error ?? null;
    return {
      durationMs: this.#clock.monotonic() - from,
      status: error === null ? (outcome.status ?? 200) : null,
      error,
      detail: null,
      timings: null,
      retryAfter: outcome.retryAfter ?? null,
      responseExcerpt: outcome.responseExcerpt?.slice(0, MOST_KEPT) ?? null,
    };
  }

  async objection(_url: string): Promise<UrlObjection | null> {
    return null;
  }

  #answer(request: OutgoingRequest, at: Date): Answer {
    const receiver = this.#receivers.get(request.destination.url);
    if (receiver === undefined) return { error: "connect" };
    this.received.push({ at, request });
    return receiver(request);
  }
}
