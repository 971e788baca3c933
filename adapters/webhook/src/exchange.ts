import type { SendResult } from "@punctual/core";
import type { Dispatcher } from "undici";
import type { Timed } from "./deadlines.js";
import { Excerpt } from "./excerpt.js";
import { type Failure, failureOf } from "./failure.js";
import type { DialTimings } from "./guard/connector.js";

/** One of so many requests that may be with undici, to be left when undici is done with it. */
export interface Place {
  leave(): void;
}

/** What there is to know of the connection that a request goes over. */
export interface Channel {
  /** Headers and all, of all answers so far. */
  readonly bytesRead: number;
  /** What it took to make it, for the first request on it; null for those that follow. */
  takeDialled(): DialTimings | null;
}

export interface ExchangeLimits {
  readonly readBytes: number;
  readonly excerptBytes: number;
}

/**
 * Of all that undici reads without a word to us, as are a reason, answers before the answer and what chunks come in. A
 * body in the smallest of chunks has six times its size.
 */
const MOST_READ = 1_048_576;

const TIMEOUT: Failure = { error: "timeout", detail: null };

/**
 * One request and its answer, as undici tells it.
 *   E1. it is settled once; what undici says afterwards changes nothing;
 *   E2. the place is left when undici is done with the request, which may be later: undici cannot take back what waits
 *       for a connection, and one that is being made is one of those that a receiver may have.
 */
export class Exchange implements Dispatcher.DispatchHandler, Timed {
  readonly result: Promise<SendResult>;
  settled = false;
  place: Place | null = null;
  channel: Channel | null = null;
  readonly #now: () => number;
  readonly #from: number;
  readonly #until: number;
  readonly #limits: ExchangeLimits;
  readonly #excerpt: Excerpt;
  readonly #resolve: (result: SendResult) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #dialled: DialTimings | null = null;
  #readBefore = 0;
  #firstByteMs: number | null = null;
  #status: number | null = null;
  #retryAfter: string | null = null;

  constructor(now: () => number, timeoutMs: number, limits: ExchangeLimits) {
    this.#now = now;
    this.#from = now();
    this.#until = this.#from + timeoutMs;
    this.#limits = limits;
    this.#excerpt = new Excerpt(limits.excerptBytes);
    const { promise, resolve } = Promise.withResolvers<SendResult>();
    this.result = promise;
    this.#resolve = resolve;
  }

  /** Ends what is under way: the time is up, or nobody wants the answer any more. */
  expire(): void {
    this.#settle(TIMEOUT);
    this.#controller?.abort(GIVEN_UP);
  }

  check(now: number): void {
    if (now >= this.#until) return this.expire();
    const read = this.#controller === null ? 0 : (this.channel?.bytesRead ?? 0) - this.#readBefore;
    if (read > MOST_READ) this.#controller?.abort(ENDLESS);
  }

  fail(error: unknown): void {
    this.#settle(failureOf(error, this.#status !== null));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown, it costs undici the request alone; an abort would cost it the connection too.
    if (this.settled) throw GIVEN_UP;
    this.#controller = controller;
    this.#dialled = this.channel?.takeDialled() ?? null;
    this.#readBefore = this.channel?.bytesRead ?? 0;
  }

  onResponseStarted(): void {
    this.#firstByteMs = this.#now() - this.#from;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHeaders): void {
    if (status < 200) return void (this.#firstByteMs = null); // 103 and its like: the answer is yet to come
    this.#status = status;
    const retryAfter = headers["retry-after"];
    this.#retryAfter = Array.isArray(retryAfter) ? retryAfter.join(", ") : (retryAfter ?? null);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#excerpt.add(chunk);
    if (this.#excerpt.bytes < this.#limits.readBytes) return;
    this.#settle(null);
    controller.abort(GIVEN_UP);
  }

  onResponseEnd(): void {
    this.#settle(null);
    this.place?.leave(); // (E2)
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    this.fail(error);
    this.place?.leave(); // (E2)
  }

  /** Null for an answer that counts as whole. */
  #settle(failure: Failure | null): void {
    if (this.settled) return; // (E1)
    this.settled = true;
    const { dnsMs = null, connectMs = null, tlsMs = null } = this.#dialled ?? {};
    const timed = this.#dialled !== null || this.#firstByteMs !== null;
    this.#resolve({
      durationMs: this.#now() - this.#from,
      status: failure === null ? this.#status : null,
      error: failure?.error ?? null,
      detail: failure?.detail ?? null,
      timings: timed ? { dnsMs, connectMs, tlsMs, firstByteMs: this.#firstByteMs } : null,
      retryAfter: failure === null ? this.#retryAfter : null,
      responseExcerpt: this.#excerpt.text(),
    });
  }
}

type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>;

const GIVEN_UP = new Error("Nobody waits for the answer any more");
const ENDLESS = Object.assign(new Error("The answer has no end"), { code: "ENDLESS" });
