import { CloudTasksClient } from "@google-cloud/tasks";
import { Envelopes, QueueTransport, type Received } from "@punctual/adapter-sdk";
import type { Clock, MessageHandler, Telemetry } from "@punctual/core";
import { atEndpoint } from "../auth/at-endpoint.js";
import { CLOUD_TASKS_CAPABILITIES } from "./capabilities.js";
import type { CloudTasksConfig } from "./config.js";
import { TaskQueue } from "./task-queue.js";

export interface OpenCloudTasks {
  readonly transport: QueueTransport;
  /** Works at a task that was pushed: `ack` has Cloud Tasks forget it, `nack` has it come again as its queue says. */
  work(task: Received, handle: MessageHandler): Promise<"ack" | "nack">;
  /** Throws, as `unavailable`, unless tasks can be sent. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenCloudTasksDeps {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Of envelopes. */
  readonly keys: readonly Uint8Array[];
}

/** How long who asks for messages waits for those that never come: they are pushed. */
const IDLE = { waitMs: 1_000, hiddenMs: 60_000 };

export function openCloudTasks(
  config: CloudTasksConfig,
  { clock, telemetry, keys }: OpenCloudTasksDeps,
): OpenCloudTasks {
  const client = new CloudTasksClient(atEndpoint(config.endpoint));
  const queue = new TaskQueue(client, config, clock);
  const transport = new QueueTransport(
    {
      ...{ capabilities: CLOUD_TASKS_CAPABILITIES, queue, deadLetters: null, unreadable: null },
      ...{ envelopes: new Envelopes(keys), clock, telemetry },
    },
    IDLE,
  );
  return {
    transport,
    work: async (task, handle) => {
      const isDone = await queue.hold(task, async () => (await transport.work([task], handle)).length === 0);
      return isDone ? "ack" : "nack";
    },
    check: () => queue.check(),
    close: () => client.close(),
  };
}
