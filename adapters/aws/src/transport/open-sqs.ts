import { SQSClient } from "@aws-sdk/client-sqs";
import { Envelopes, QueueTransport } from "@punctual/adapter-sdk";
import type { Clock, Telemetry } from "@punctual/core";
import type { SqsConfig } from "../config.js";
import { SQS_CAPABILITIES } from "./capabilities.js";
import { Queue } from "./queue.js";

export interface OpenSqs {
  readonly transport: QueueTransport;
  /** How many messages wait or are under way, and how many are dead letters. */
  depths(): Promise<{ readonly messages: number; readonly deadLetters: number }>;
  close(): void;
}

export interface OpenSqsDeps {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Of envelopes. */
  readonly keys: readonly Uint8Array[];
}

/** Enough for a tick that hands over a thousand events at once. */
const MOST_SOCKETS = 200;

export function openSqs(config: SqsConfig, { clock, telemetry, keys }: OpenSqsDeps): OpenSqs {
  const client = new SQSClient({
    ...(config.region !== null && { region: config.region }),
    ...(config.endpoint !== null && { endpoint: config.endpoint }),
    // Queues are named by their URLs, and these may be written for another way to the same place.
    useQueueUrlAsEndpoint: config.endpoint === null,
    requestHandler: {
      connectionTimeout: 3_000,
      httpAgent: { maxSockets: MOST_SOCKETS },
      httpsAgent: { maxSockets: MOST_SOCKETS },
    },
  });
  const queueAt = (url: string) => new Queue(client, url);
  const [queue, deadLetters] = [queueAt(config.queueUrl), queueAt(config.deadLetterUrl)];
  const unreadable = config.unreadableUrl === null ? null : queueAt(config.unreadableUrl);
  const envelopes = new Envelopes(keys);
  return {
    transport: new QueueTransport(
      { capabilities: SQS_CAPABILITIES, queue, deadLetters, unreadable, envelopes, clock, telemetry },
      { waitMs: config.waitSeconds * 1_000, hiddenMs: config.visibilitySeconds * 1_000 },
    ),
    depths: async () => {
      const [messages, dead] = await Promise.all([queue.depth(), deadLetters.depth()]);
      return { messages, deadLetters: dead };
    },
    close: () => client.destroy(),
  };
}
