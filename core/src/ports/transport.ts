/**
 * What carries a claimed event from scheduler to worker. Every transport promises:
 *   T0. `capabilities` says what it can do, and never changes;
 *   T1. what `send` accepted is durable as far as the transport is at all, and what it refused it does not deliver; yet where
 *       the answer was lost a message may have been accepted, and any message may come twice;
 *   T2. every message has a result of its own: one bad message refuses no other;
 *   T3. an accepted message is offered until it is acknowledged, or has become a dead letter;
 *   T4. no message is offered before its `notBefore`, as far as `maxDelaySeconds` reaches;
 *   T5. `retry` offers the message again, no earlier than asked; others of its batch are untouched;
 *   T6. a message comes back as it was sent;
 *   T7. `consume` takes no new messages once its signal is aborted, finishes those under way, and then returns;
 *   T8. at most `maxInFlight` messages are under way in one `consume`;
 *   T9. what the transport gave up on is offered by `consumeDeadLetters` with its reason, until it is acknowledged there; one
 *       that is rejected there is kept apart for a person to look at;
 *   T10. `send` ends soon once its signal is aborted, with a report or by throwing; what it had not refused may be delivered;
 *   T11. where `ordering` names one, messages that one consumer takes one by one come first in the order in which they were sent.
 */
export interface Transport {
  readonly capabilities: TransportCapabilities;
  send(messages: readonly Message[], signal?: AbortSignal): Promise<SendReport>;
  /** Feeds messages to `handle` until `signal` is aborted. Push transports are fed from outside instead. */
  consume(options: ConsumeOptions, handle: MessageHandler, signal: AbortSignal): Promise<void>;
  /** Only where `capabilities.deadLetters`. It stops as `consume` does (T7). */
  consumeDeadLetters(handle: DeadLetterHandler, signal: AbortSignal): Promise<void>;
}

/** What an adapter can do. What it cannot is decided around, never guessed. */
export interface TransportCapabilities {
  readonly name: string;
  /** How long it can hold a message back; 0 is not at all. */
  readonly maxDelaySeconds: number;
  readonly maxBatch: number;
  readonly maxBodyBytes: number;
  readonly ordering: "none" | "per_schedule" | "total";
  readonly deadLetters: boolean;
  /** Whether messages are pushed to the worker rather than fetched by it. */
  readonly push: boolean;
  /** Who holds an event that is claimed before it is due, where the transport cannot. */
  readonly early: "transport" | "scheduler" | "worker";
}

/** Ids and times only: what is to be sent is read from the store, so that it is current. */
export interface Message {
  readonly version: 1;
  readonly eventId: string;
  readonly tenant: string;
  readonly scheduleId: string;
  readonly fence: number;
  readonly dueAt: Date;
  readonly notBefore: Date;
  readonly traceparent?: string;
}

export interface SendReport {
  readonly accepted: readonly Message[];
  readonly refused: readonly { readonly message: Message; readonly reason: string }[];
}

export interface ConsumeOptions {
  readonly maxInFlight: number;
  readonly maxBatch: number;
}

/** Decides about each message of a batch by itself, in the batch's order: none waits for a slower one. */
export type MessageHandler = (messages: readonly Message[]) => readonly Promise<MessageVerdict>[];

export type MessageVerdict =
  | { readonly kind: "ack" }
  | { readonly kind: "retry"; readonly inMs: number }
  /** Unreadable or forged: straight to the dead letters. */
  | { readonly kind: "reject"; readonly reason: string };

export interface DeadLetter {
  /** Null is one that could not be read. */
  readonly message: Message | null;
  /** That of the `reject`, or in the transport's own words why it gave up. */
  readonly reason: string;
}

/** Decides about each letter by itself, in the batch's order; a `retry` offers it again among the dead letters. */
export type DeadLetterHandler = (letters: readonly DeadLetter[]) => readonly Promise<MessageVerdict>[];
