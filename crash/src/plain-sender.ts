import { Agent, request } from "node:http";
import type { OutgoingRequest, Sender, SendResult, UrlObjection } from "@punctual/core";

/** Nothing but the request: who sends it, when, and which attempt it is stand in its headers, for the receiver's log. */
export class PlainSender implements Sender {
  readonly kind = "http";
  readonly #who: number;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(who: number) {
    this.#who = who;
  }

  async send({ id, attempt, destination, body }: OutgoingRequest): Promise<SendResult> {
    const sentAt = Date.now();
    const from = performance.now();
    const { promise, resolve } = Promise.withResolvers<Pick<SendResult, "status" | "error">>();
    const signal = AbortSignal.timeout(destination.timeoutMs);
    const failed = () => resolve({ status: null, error: signal.aborted ? "timeout" : "reset" });
    const headers = {
      "webhook-id": id,
      "punctual-attempt": attempt,
      "crash-victim": this.#who,
      "crash-sent-at": sentAt,
      "content-length": Buffer.byteLength(body),
    };
    const out = request(destination.url, { method: "POST", agent: this.#agent, headers, signal }, (answer) => {
      const { statusCode = null } = answer;
      answer
        .on("error", failed)
        .on("end", () => resolve({ status: statusCode, error: null }))
        .resume();
    });
    out.on("error", failed).end(body);
    const { status, error } = await promise;
    const durationMs = performance.now() - from;
    return { durationMs, status, error, detail: null, timings: null, retryAfter: null, responseExcerpt: null };
  }

  async objection(): Promise<UrlObjection | null> {
    return null;
  }

  close(): void {
    this.#agent.destroy();
  }
}
