import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message as SqsMessage,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import {
  type Outgoing,
  packed,
  type Received,
  type Receiving,
  type RequestLimits,
  sizeOf as sizeOfText,
  type TextQueue,
} from "@punctual/adapter-sdk";
import { translated } from "../errors.js";
import { traceHeaderOf } from "./trace-header.js";

/** So many go in one request, and so many bytes: less than SQS allows, so that what we add fits. */
export const MOST_IN_BATCH = 10;
const MOST_BYTES = 1_000_000;
/**
 * SQS keeps a message out of sight for twelve hours from when it was given out, and refuses to do so for longer. Nobody works
 * at one for more than a quarter of an hour, so as much of that has passed at the most.
 */
const LONGEST_SECONDS = 43_200 - 900;
const REQUEST_MS = 5_000;

/** One SQS queue: batches in, batches out, and for each text an answer of its own. */
export class Queue implements TextQueue {
  readonly #client: SQSClient;
  readonly #url: string;

  constructor(client: SQSClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  /** For each text null, or why it was not taken. Where an answer was lost, it may have been taken all the same. */
  async send(texts: readonly Outgoing[], signal?: AbortSignal): Promise<readonly (string | null)[]> {
    const answers: (string | null)[] = texts.map(() => null);
    await Promise.all(
      packed(texts, LIMITS).map(async (places) => {
        const failed = await this.#send(texts, places, signal);
        for (const [place, reason] of failed) answers[place] = reason;
      }),
    );
    return answers;
  }

  async receive({ most, waitMs, hiddenMs }: Receiving): Promise<readonly Received[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#url,
      MaxNumberOfMessages: Math.min(most, MOST_IN_BATCH),
      WaitTimeSeconds: Math.ceil(waitMs / 1_000),
      VisibilityTimeout: Math.ceil(hiddenMs / 1_000),
      MessageAttributeNames: ["All"],
    });
    return asked(async () => {
      const requestTimeout = waitMs + 1_000 + REQUEST_MS;
      const { Messages = [] } = await this.#client.send(command, { requestTimeout });
      return Messages.map(receivedOf);
    });
  }

  /** For each receipt whether it was deleted. */
  async delete(receipts: readonly string[]): Promise<readonly boolean[]> {
    return this.#each(receipts, async (some) => {
      const Entries = some.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
      return this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: this.#url, Entries }), TIMELY);
    });
  }

  /** Keeps what was received out of sight for so long from now on; at zero it can be received again. */
  async keep(receipts: readonly string[], ms: number): Promise<readonly boolean[]> {
    const VisibilityTimeout = Math.min(LONGEST_SECONDS, Math.ceil(ms / 1_000));
    return this.#each(receipts, async (some) => {
      const Entries = some.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout }));
      return this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#url, Entries }), TIMELY);
    });
  }

  /** How many messages there are, those out of sight included; about so many, as SQS counts. */
  async depth(): Promise<number> {
    const names = ["", "NotVisible", "Delayed"].map((kind) => `ApproximateNumberOfMessages${kind}` as const);
    const command = new GetQueueAttributesCommand({
      QueueUrl: this.#url,
      AttributeNames: names as ("ApproximateNumberOfMessages" | "ApproximateNumberOfMessagesNotVisible")[],
    });
    return asked(async () => {
      const { Attributes = {} } = await this.#client.send(command, TIMELY);
      return Object.values(Attributes).reduce((sum, value) => sum + Number(value), 0);
    });
  }

  async #send(
    texts: readonly Outgoing[],
    places: readonly number[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<number, string>> {
    const Entries = places.map((place) => entryOf(String(place), texts[place] as Outgoing));
    const command = new SendMessageBatchCommand({ QueueUrl: this.#url, Entries });
    const refuseAll = (reason: string) => new Map(places.map((place) => [place, reason]));
    try {
      const { Failed = [], Successful = [] } = await this.#client.send(command, {
        ...TIMELY,
        ...(signal !== undefined && { abortSignal: signal }),
      });
      const taken = new Set(Successful.map(({ Id }) => Id));
      const reasons = new Map(Failed.map((one) => [one.Id, reasonOf(one)]));
      // What the answer does not name is not known to be there.
      const failed = places.filter((place) => !taken.has(String(place)));
      return new Map(failed.map((place) => [place, reasons.get(String(place)) ?? "SQS did not answer for it"]));
    } catch (error) {
      return refuseAll(error instanceof Error ? `${error.name}: ${error.message}` : "SQS is away");
    }
  }

  async #each(
    receipts: readonly string[],
    ask: (
      some: readonly string[],
    ) => Promise<{ readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined }>,
  ): Promise<readonly boolean[]> {
    const parts = Array.from({ length: Math.ceil(receipts.length / MOST_IN_BATCH) }, (_, index) =>
      receipts.slice(index * MOST_IN_BATCH, (index + 1) * MOST_IN_BATCH),
    );
    const done = await Promise.all(
      parts.map(async (some) => {
        const { Successful = [] } = await asked(async () => ask(some));
        const done = new Set(Successful.map(({ Id }) => Id));
        return some.map((_, index) => done.has(String(index)));
      }),
    );
    return done.flat();
  }
}

const TIMELY = { requestTimeout: REQUEST_MS };

export const LIMITS: RequestLimits = { mostTexts: MOST_IN_BATCH, mostBytes: MOST_BYTES, sizeOf };

/** As SQS counts: the types of attributes too. */
export function sizeOf(text: Outgoing): number {
  return sizeOfText(text) + STRING.length * Object.keys(text.attributes ?? {}).length;
}

const STRING = "String";

function entryOf(Id: string, { body, delayMs = 0, attributes = {} }: Outgoing) {
  // Rather early than late: who receives it holds it for the rest of the second.
  const DelaySeconds = Math.floor(delayMs / 1_000);
  const traceHeader = traceHeaderOf(attributes["traceparent"] ?? "");
  return {
    Id,
    MessageBody: body,
    ...(DelaySeconds > 0 && { DelaySeconds }),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: STRING, StringValue }]),
    ),
    ...(traceHeader !== null && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: STRING, StringValue: traceHeader } },
    }),
  };
}

function receivedOf({ MessageId = "", Body = "", ReceiptHandle = "", MessageAttributes = {} }: SqsMessage): Received {
  return { id: MessageId, body: Body, receipt: ReceiptHandle, attributes: textsOf(MessageAttributes) };
}

function textsOf(attributes: Readonly<Record<string, MessageAttributeValue>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(attributes).map(([name, { StringValue = "" }]) => [name, StringValue]));
}

function reasonOf({ Code = "", Message = "" }: BatchResultErrorEntry): string {
  return `${Code}: ${Message}`;
}

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translated(error, "SQS");
  }
}
