import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { SQSEvent, SQSMessageAttribute, SQSRecord, SQSRecordAttributes } from "aws-lambda";
import { failuresIn } from "./batch-answer.js";
import type { InvokeOptions, LambdaReport } from "./lambda-function.js";

export interface EventSourceOptions {
  /** Runs the function: a LambdaPool, mostly. */
  readonly target: { invoke(event: SQSEvent, options?: InvokeOptions): Promise<LambdaReport> };
  readonly queueUrl: string;
  readonly endpoint: string;
  readonly region?: string;
  readonly maximumConcurrency: number;
  /** Up to ten. */
  readonly batchSize?: number;
  readonly timeoutMs?: number;
  /** Whether what failed comes again at once, as if the time were over for which the queue hides it. */
  readonly passes?: boolean;
  /** Hears how each batch went, once what is done has been deleted. */
  readonly onBatch?: (event: SQSEvent, report: LambdaReport) => void;
}

/**
 * A queue as a function's source of events, with `ReportBatchItemFailures` on. Messages are deleted when the function says that
 * they are done; all others are left where they are until their visibility timeout is over.
 */
export class EventSource {
  readonly #options: EventSourceOptions;
  readonly #client: SQSClient;
  readonly #stopping = new AbortController();
  readonly #batches = new Set<Promise<void>>();
  #idle: (() => void)[] = [];
  #wake: () => void = () => undefined;
  #polling: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(options: EventSourceOptions) {
    this.#options = options;
    this.#client = new SQSClient({
      region: options.region ?? "eu-central-1",
      endpoint: options.endpoint,
      useQueueUrlAsEndpoint: false, // the name in the queue's address need not lead anywhere
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
  }

  async start(): Promise<void> {
    const asked = { QueueUrl: this.#options.queueUrl, AttributeNames: ["QueueArn" as const] };
    const { Attributes: attributes } = await this.#client.send(new GetQueueAttributesCommand(asked));
    this.#polling = this.#poll(attributes?.QueueArn ?? "");
    this.#polling.catch(() => undefined); // idle() and stop() tell
  }

  /**
   * When no batch is under way and the queue has nothing to give. Messages that wait for their visibility timeout are not seen.
   */
  async idle(): Promise<void> {
    const idle = new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#wake();
    await Promise.race([idle, this.#polling]);
  }

  /** Takes no more; what is under way goes on to its end. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    try {
      await this.#polling;
      await Promise.all(this.#batches);
      if (this.#failure !== null) throw this.#failure;
    } finally {
      this.#client.destroy();
    }
  }

  async #poll(queueArn: string): Promise<void> {
    const { maximumConcurrency } = this.#options;
    while (!this.#stopping.signal.aborted) {
      if (this.#failure !== null) throw this.#failure;
      if (this.#batches.size >= maximumConcurrency) {
        await Promise.race(this.#batches);
        continue;
      }
      const quiet = this.#batches.size === 0;
      const asking = this.#idle.length; // those alone, not who comes while the queue is being asked
      const messages = await this.#receive();
      if (messages.length > 0) {
        this.#start(messages, queueArn);
        continue;
      }
      if (quiet) for (const resolve of this.#idle.splice(0, asking)) resolve();
      await this.#pause();
    }
  }

  // It does not ask for long: what the queue gives to an asker that has gone would be out of reach until its timeout is over.
  async #receive(): Promise<readonly Message[]> {
    const { queueUrl, batchSize = 10 } = this.#options;
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: 0,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    return (await this.#client.send(command)).Messages ?? [];
  }

  /** Ends early when someone waits for the queue to be empty, or for the end. */
  async #pause(): Promise<void> {
    if (this.#stopping.signal.aborted || (this.#idle.length > 0 && this.#batches.size === 0)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 50);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #start(messages: readonly Message[], queueArn: string): void {
    const batch = this.#perform(messages, queueArn)
      .catch((error: unknown) => void (this.#failure ??= error as Error))
      .then(() => void this.#batches.delete(batch));
    this.#batches.add(batch);
  }

  async #perform(messages: readonly Message[], queueArn: string): Promise<void> {
    const { target, timeoutMs, passes = false, onBatch } = this.#options;
    const event: SQSEvent = { Records: messages.map((message) => recordOf(message, queueArn)) };
    const report = await target.invoke(event, timeoutMs === undefined ? {} : { timeoutMs });
    const ids = event.Records.map(({ messageId }) => messageId);
    const failed = (report.ok ? failuresIn(report.payload, ids) : null) ?? ids;
    await this.#delete(event.Records.filter(({ messageId }) => !failed.includes(messageId)));
    onBatch?.(event, report);
    if (passes) await this.#show(event.Records.filter(({ messageId }) => failed.includes(messageId)));
  }

  async #show(records: readonly SQSRecord[]): Promise<void> {
    if (records.length === 0) return;
    const entries = records.map(({ receiptHandle }, index) => ({
      ...{ Id: String(index), ReceiptHandle: receiptHandle },
      VisibilityTimeout: 0,
    }));
    const asked = { QueueUrl: this.#options.queueUrl, Entries: entries };
    await this.#client.send(new ChangeMessageVisibilityBatchCommand(asked));
  }

  async #delete(records: readonly SQSRecord[]): Promise<void> {
    if (records.length === 0) return;
    const entries = records.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
    await this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: this.#options.queueUrl, Entries: entries }));
  }
}

function recordOf(message: Message, queueArn: string): SQSRecord {
  return {
    messageId: message.MessageId!,
    receiptHandle: message.ReceiptHandle!,
    body: message.Body!,
    attributes: message.Attributes as unknown as SQSRecordAttributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, attributeOf(value)]),
    ),
    md5OfBody: message.MD5OfBody!,
    ...(message.MD5OfMessageAttributes !== undefined && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(":")[3] ?? "",
  };
}

function attributeOf({
  StringValue: text,
  BinaryValue: bytes,
  DataType: dataType,
}: MessageAttributeValue): SQSMessageAttribute {
  return {
    ...(text !== undefined && { stringValue: text }),
    ...(bytes !== undefined && { binaryValue: Buffer.from(bytes).toString("base64") }),
    stringListValues: [],
    binaryListValues: [],
    dataType: dataType!,
  };
}
