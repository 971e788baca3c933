import { SQSClient } from "@aws-sdk/client-sqs";
import { Envelopes, QueueTransport, REASON } from "@punctual/adapter-sdk";
import { machineTime, type OpenTransport, type TransportHarness } from "@punctual/adapter-sdk/conformance";
import { MemoryTelemetry } from "@punctual/core/memory";
import { SQS_CAPABILITIES } from "../../src/transport/capabilities.js";
import { Queue } from "../../src/transport/queue.js";
import { gatewayTo } from "./gateway.js";
import { makeQueues, NOBODY, type Queues } from "./queues.js";

/** Where queues are made, and how patient one has to be there. */
export interface QueueSite {
  readonly patienceMs: number;
  /** How long a message is out of sight in tests: far more than the patience. */
  readonly visibilitySeconds: number;
  /** How many queues are used side by side: most of the time is spent with waiting. */
  readonly atOnce: number;
  readonly client: () => SQSClient;
  /** Null is AWS itself. */
  readonly endpoint: () => string | null;
  /** Whether somebody can stand in the way to it. */
  readonly blockable: boolean;
}

interface Behind {
  readonly queues: Queues;
  readonly client: SQSClient;
  readonly block: (() => void) | null;
}

const { clock, now, pass } = machineTime();
const envelopes = new Envelopes([Buffer.alloc(32, 7)]);

/** Three queues of its own for each case. */
export function sqsHarness(site: QueueSite): TransportHarness {
  const { patienceMs, visibilitySeconds, atOnce, blockable } = site;
  const behind = new WeakMap<OpenTransport, Behind>();
  const of = (open: OpenTransport) => behind.get(open) as Behind;
  return {
    capabilities: SQS_CAPABILITIES,
    ...{ atOnce, timeoutMs: 120_000 },
    open: async () => {
      const direct = site.client();
      const endpoint = site.endpoint();
      const queues = await makeQueues(direct, { visibilitySeconds, maxReceives: 4 });
      const gateway = endpoint === null ? null : await gatewayTo(endpoint);
      const client = gateway === null ? direct : clientAt(gateway.endpoint);
      const letters = async (url: string) =>
        (await queues.peek(url)).map(({ body, attributes }) => {
          const read = envelopes.open(body);
          return {
            message: "message" in read ? read.message : null,
            reason: attributes[REASON] ?? "received too often",
          };
        });
      const here = { queues, client, block: gateway?.block ?? null };
      const open: OpenTransport = {
        transport: transportOn(here, visibilitySeconds),
        ...{ now, pass },
        deadLetters: () => letters(queues.deadLetters),
        kept: () => letters(queues.unreadable),
        ...{ patienceMs, redeliveryMs: visibilitySeconds * 1_000 },
        close: async () => {
          await queues.remove();
          if (gateway !== null) client.destroy();
          await gateway?.close();
        },
      };
      behind.set(open, here);
      return open;
    },
    reopen: async (open) => transportOn(of(open), visibilitySeconds),
    sendUnreadable: (open) => of(open).queues.send("garbage"),
    ...(blockable && { stall: async (open: OpenTransport) => of(open).block?.() }),
  };
}

export function clientAt(endpoint: string): SQSClient {
  return new SQSClient({ ...NOBODY, endpoint, useQueueUrlAsEndpoint: false });
}

function transportOn({ queues, client }: Behind, visibilitySeconds: number): QueueTransport {
  const queueAt = (url: string) => new Queue(client, url);
  return new QueueTransport(
    {
      capabilities: SQS_CAPABILITIES,
      queue: queueAt(queues.main),
      deadLetters: queueAt(queues.deadLetters),
      unreadable: queueAt(queues.unreadable),
      ...{ envelopes, clock, telemetry: new MemoryTelemetry() },
    },
    { waitMs: 1_000, hiddenMs: visibilitySeconds * 1_000 },
  );
}
