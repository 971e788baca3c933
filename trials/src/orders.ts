import type { BreakerOptions } from "@punctual/core";

/** How a process takes events to their receivers: by itself, or over a transport in its own memory. */
export type Shape = "in place" | "two stages";

/** What a worker is told when it is started. */
export interface WorkerOrders {
  readonly name: string;
  readonly url: string;
  readonly shape: Shape;
  /** What wraps the keys of all secrets, in Base64. */
  readonly outerKey: string;
  /** Of the breaker at each destination, what is not as it comes. */
  readonly breaker: Partial<BreakerOptions>;
}

/** What a worker has to say at its end. */
export interface WorkerReport {
  /** How often each kind of fact was noted. */
  readonly noted: Readonly<Record<string, number>>;
  readonly troubles: readonly string[];
  /** The longest that its event loop was held up. */
  readonly stalledMs: number;
}

/** What a receiver is told when it is started. */
export interface ReceiverOrders {
  /** One for each origin that it plays; for 0 a free port is found. */
  readonly ports: readonly number[];
  readonly answerMs: number;
  /** All that may ever sign what comes here. */
  readonly secrets: readonly string[];
}

export interface ReceiverReady {
  readonly ports: readonly number[];
}

/** A receiver that changes over trusts this secret from now on, by its place in the list, and no other. */
export interface Trust {
  readonly trust: number;
}

/** A request, as its receiver saw it. */
export interface Arrival {
  readonly id: string;
  readonly attempt: number;
  /** At which of the ports. */
  readonly place: number;
  /** In milliseconds, on a clock that is never set. */
  readonly at: number;
  /** The same in epoch milliseconds. */
  readonly wallAt: number;
  readonly bodyHash: string;
  /** Which of the secrets have signed it. */
  readonly signers: readonly number[];
  /** Which one the receiver trusted. */
  readonly trusted: number;
}

/** What any of these processes says. */
export type Saying<Ready, Report> =
  { readonly say: "ready"; readonly ready: Ready } | { readonly say: "report"; readonly report: Report };
