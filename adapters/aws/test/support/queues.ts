import type { SQSClient } from "@aws-sdk/client-sqs";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";

export const NOBODY = { region: "us-east-1", credentials: { accessKeyId: "nobody", secretAccessKey: "nothing" } };

/** A queue, its dead letters, and those of them that nobody can read. */
export interface Queues {
  readonly client: SQSClient;
  readonly main: string;
  readonly deadLetters: string;
  readonly unreadable: string;
  /** Puts any text in. */
  send(body: string, attributes?: Readonly<Record<string, string>>): Promise<void>;
  /** What lies in a queue, without taking it. */
  peek(url: string): Promise<readonly Peeked[]>;
  remove(): Promise<void>;
}

export interface Peeked {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

let made = 0;

export interface QueueOptions {
  readonly visibilitySeconds: number;
  readonly maxReceives: number;
}

/** What SQS is told of each queue, but for where dead letters go. */
export interface QueueAttributes {
  readonly main: Readonly<Record<string, string>>;
  readonly deadLetters: Readonly<Record<string, string>>;
  readonly unreadable: Readonly<Record<string, string>>;
  readonly maxReceives: number;
}

export async function makeQueues(client: SQSClient, { visibilitySeconds, maxReceives }: QueueOptions): Promise<Queues> {
  const hidden = { VisibilityTimeout: String(visibilitySeconds) };
  return makeQueuesOf(client, { main: hidden, deadLetters: hidden, unreadable: {}, maxReceives });
}

export async function makeQueuesOf(client: SQSClient, { maxReceives, ...told }: QueueAttributes): Promise<Queues> {
  const name = `punctual-${process.pid}-${Date.now().toString(36)}-${++made}`;
  const create = async (suffix: string, attributes: Readonly<Record<string, string>>) => {
    const command = new CreateQueueCommand({ QueueName: `${name}${suffix}`, Attributes: attributes });
    return (await client.send(command)).QueueUrl ?? "";
  };
  const unreadable = await create("-unreadable", told.unreadable);
  const deadLetters = await create("-dead-letters", told.deadLetters);
  const arn = await client.send(new GetQueueAttributesCommand({ QueueUrl: deadLetters, AttributeNames: ["QueueArn"] }));
  const main = await create("", {
    ...told.main,
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn.Attributes?.["QueueArn"], maxReceiveCount: maxReceives }),
  });
  return {
    ...{ client, main, deadLetters, unreadable },
    send: async (body, attributes = {}) => {
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([key, StringValue]) => [key, { DataType: "String", StringValue }]),
      );
      await client.send(new SendMessageCommand({ QueueUrl: main, MessageBody: body, MessageAttributes }));
    },
    peek: async (url) => peek(client, url),
    remove: async () => {
      for (const url of [main, deadLetters, unreadable]) await client.send(new DeleteQueueCommand({ QueueUrl: url }));
    },
  };
}

/** Looks until nothing new is found: a queue need not show all at once. */
async function peek(client: SQSClient, url: string): Promise<readonly Peeked[]> {
  const found = new Map<string, Peeked>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    const command = new ReceiveMessageCommand({
      ...{ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 0, WaitTimeSeconds: 0 },
      MessageAttributeNames: ["All"],
    });
    for (const { MessageId = "", Body = "", MessageAttributes = {} } of (await client.send(command)).Messages ?? []) {
      const named = Object.entries(MessageAttributes).map(([key, { StringValue = "" }]) => [key, StringValue] as const);
      found.set(MessageId, { id: MessageId, body: Body, attributes: Object.fromEntries(named) });
    }
  }
  return [...found.values()];
}
