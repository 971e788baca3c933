import type { QueueTransport, Received } from "@punctual/adapter-sdk";
import type { BuryDeadLetters, Clock, DeliverEvents, Telemetry } from "@punctual/core";
import { type Around, type Invocation, within } from "../invocation.js";

/** As much of an event of SQS as is read here. */
export interface SqsEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly receiptHandle: string;
    readonly body: string;
    readonly messageAttributes?: Readonly<Record<string, { readonly stringValue?: string | undefined }>>;
  }[];
}

/** The messages that are to come again; SQS forgets all others. */
export interface SqsResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export interface WorkerHandlerDeps {
  readonly transport: QueueTransport;
  readonly deliver: Pick<DeliverEvents, "handle">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly around: Around;
  /** No request is begun with less time left; a function that never has as much is told of, and does what it can. */
  readonly leastMs: number;
}

/** Delivers what a queue hands over: a bad message, or one that fails, harms none of its batch. */
export function workerHandler(
  deps: WorkerHandlerDeps,
): (event: SqsEvent, invocation: Invocation) => Promise<SqsResponse> {
  const { transport, deliver, clock, telemetry, around, leastMs } = deps;
  return async (event, invocation) =>
    within(around, async () => {
      const [stop, over] = [new AbortController(), new AbortController()];
      const untilMs = invocation.getRemainingTimeInMillis() - leastMs;
      if (untilMs <= 0) telemetry.note({ kind: "trouble", where: "worker", error: tooShort(leastMs) });
      const stopping = clock.sleep(untilMs > 0 ? untilMs : Infinity, over.signal).then(() => {
        if (!over.signal.aborted) stop.abort();
      });
      const failed = await transport.work(receivedIn(event), (messages) => deliver.handle(messages, stop.signal));
      over.abort();
      await stopping;
      return failuresOf(event, failed);
    });
}

function tooShort(leastMs: number): Error {
  return new Error(`A request may take ${leastMs} ms, and this function has less: it may be cut off amid one`);
}

export interface DeadLetterHandlerDeps {
  readonly transport: QueueTransport;
  readonly bury: Pick<BuryDeadLetters, "handle">;
  readonly around: Around;
}

/** Looks after what the queue gave up on. */
export function deadLetterHandler(deps: DeadLetterHandlerDeps): (event: SqsEvent) => Promise<SqsResponse> {
  const { transport, bury, around } = deps;
  return async (event) =>
    within(around, async () => {
      const failed = await transport.workAtDeadLetters(receivedIn(event), (letters) => bury.handle(letters));
      return failuresOf(event, failed);
    });
}

function receivedIn({ Records }: SqsEvent): readonly Received[] {
  return Records.map(({ messageId: id, body, receiptHandle: receipt, messageAttributes = {} }) => {
    const named = Object.entries(messageAttributes).map(([name, { stringValue = "" }]) => [name, stringValue] as const);
    return { id, body, receipt, attributes: Object.fromEntries(named) };
  });
}

function failuresOf({ Records }: SqsEvent, places: readonly number[]): SqsResponse {
  return { batchItemFailures: places.map((place) => ({ itemIdentifier: Records[place]?.messageId ?? "" })) };
}
