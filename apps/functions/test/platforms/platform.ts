import type { Envelopes } from "@punctual/adapter-sdk";
import type { Installation } from "../support/installation.js";
import type { Demand } from "../support/outcome.js";

/** What the API has answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  header(name: string): string;
  json(): Record<string, unknown>;
}

/** Who can be asked for what an operator asks the API for. */
export interface Asked {
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** What nobody could read, and why. */
export interface SetAside {
  readonly body: string;
  readonly reason: string;
}

/**
 * Punctual as it stands somewhere, whatever carries its messages: all that a scenario asks of it, so that one scenario holds
 * for every platform.
 */
export interface Platform extends Asked {
  readonly name: string;
  readonly rows: Installation["rows"];
  readonly envelopes: Envelopes;
  /** What its processes have said. */
  readonly lines: readonly string[];
  /** So many requests a process has under way at the most: what is sent again where one is killed. */
  readonly places: number;
  /** Puts a text into the queue. */
  put(text: string): Promise<void>;
  /** From now on what is in the queue is delivered, and what is given up is seen to. */
  work(): Promise<void>;
  /** One turn of what hands over: a tick, or a moment in the life of a process that does it by itself. */
  turn(): Promise<void>;
  /** Whether one was killed amid its work. */
  killWorker(): boolean;
  killScheduler(): boolean;
  /** What carries the messages: it can be killed, and started again where it was. */
  readonly carrier: { kill(): Promise<void>; start(): Promise<void> } | null;
  aside(): Promise<readonly SetAside[]>;
  /** How many dead letters nobody has seen to. */
  deadLetters(): Promise<number>;
  /** What holds here alone. */
  demands(): Promise<readonly Demand[]>;
  close(): Promise<void>;
}

/** How it is set up for a scenario. */
export interface PlatformOptions {
  readonly workers: number;
  /** How long a message that nobody decided about is kept from others. */
  readonly hiddenSeconds: number;
  /** How often a message is offered before it is given up. */
  readonly maxReceives: number;
  readonly scheduler: Readonly<Record<string, string>>;
}
