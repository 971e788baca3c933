import {
  Envelopes,
  QueueTransport,
  type Received,
  type Receiving,
  REASON,
  type TextQueue,
} from "@punctual/adapter-sdk";
import { machineTime, type OpenTransport, type TransportHarness } from "@punctual/adapter-sdk/conformance";
import type { DeadLetter, DeadLetterHandler, MessageHandler, Transport } from "@punctual/core";
import { MemoryTelemetry } from "@punctual/core/memory";
import { PUBSUB_CAPABILITIES, PUBSUB_PUSH_CAPABILITIES } from "../../src/transport/capabilities.js";
import { type Clients, PubsubClient } from "../../src/transport/pubsub-client.js";
import { PubsubQueue } from "../../src/transport/pubsub-queue.js";
import { deadLetterPushHandler, pushHandler } from "../../src/transport/pushed.js";
import { PushedQueue } from "../../src/transport/pushed-queue.js";
import { gatewayTo } from "./pubsub-gateway.js";
import { pushEndpoint, PushFeed } from "./pubsub-push-endpoint.js";
import { makeTopics, PROJECT, type Spy, type Topics } from "./pubsub-topics.js";

/** Where topics are made, and how patient one has to be there. */
export interface PubsubSite {
  readonly patienceMs: number;
  /** How long a message is kept from others in tests: far more than the patience. */
  readonly ackDeadlineSeconds: number;
  /** How many topics are used side by side: most of the time is spent with waiting. */
  readonly atOnce: number;
  readonly project?: string;
  /** Who makes and removes topics. */
  readonly clients: () => Clients;
  /** Null is Google itself. */
  readonly endpoint: () => string | null;
  /** Whether somebody can stand in the way to it. */
  readonly blockable: boolean;
}

interface Behind {
  readonly topics: Topics;
  readonly transport: () => Transport;
  readonly block: (() => void) | null;
}

const { clock, pass, now } = machineTime();
const envelopes = new Envelopes([Buffer.alloc(32, 7)]);
const telemetry = new MemoryTelemetry();

/** Topics and subscriptions of its own for each case, which are pulled from. */
export function pullHarness(site: PubsubSite): TransportHarness {
  const redeliveryMs = site.ackDeadlineSeconds * 1_000;
  return harnessOf(site, PUBSUB_CAPABILITIES, async (way) => {
    const topics = await makeTopics(site.clients(), way);
    const acknowledged = new Set<string>();
    const queues: PubsubQueue[] = [];
    const queueOn = (topic: string, subscription: string) => {
      const queue = new PubsubQueue({ client: way.client, clock, topic, subscription });
      queues.push(queue);
      return queue;
    };
    return {
      ...{ topics, acknowledged, redeliveryMs },
      transport: () =>
        new QueueTransport(
          {
            capabilities: PUBSUB_CAPABILITIES,
            queue: queueOn(topics.main, topics.subscription),
            deadLetters: new Recorded(queueOn(topics.deadLetters, topics.deadLetterSubscription), acknowledged),
            unreadable: topicOn(way.client, topics.unreadable),
            ...{ envelopes, clock, telemetry },
          },
          { waitMs: 1_000, hiddenMs: redeliveryMs },
        ),
      close: async () => void (await Promise.all(queues.map((queue) => queue.close()))),
    };
  });
}

/** The same, pushed to a service of its own: messages, and dead letters. */
export function pushHarness(site: PubsubSite): TransportHarness {
  return harnessOf(site, PUBSUB_PUSH_CAPABILITIES, async (way) => {
    const acknowledged = new Set<string>();
    const messages = new PushFeed<MessageHandler>();
    const letters = new PushFeed<DeadLetterHandler>();
    const service = await pushEndpoint({
      "/messages": (body, gone) =>
        messages.give(gone, (handle) => pushHandler({ transport, deliver: { handle }, clock, beginMs: 60_000 })(body)),
      "/dead-letters": (body, gone) =>
        letters.give(gone, async (handle) => {
          const answer = await deadLetterPushHandler({ transport, bury: { handle } })(body);
          if (answer === "ack") acknowledged.add((body as { message: { messageId: string } }).message.messageId);
          return answer;
        }),
    });
    const push = { messages: `${service.url}/messages`, deadLetters: `${service.url}/dead-letters` };
    const topics = await makeTopics(site.clients(), { ...way, push });
    const pushed = (topic: string) => new PushedQueue(topicOn(way.client, topic), clock, way.holdMs);
    const transport = new QueueTransport(
      {
        capabilities: PUBSUB_PUSH_CAPABILITIES,
        queue: pushed(topics.main),
        deadLetters: pushed(topics.deadLetters),
        unreadable: topicOn(way.client, topics.unreadable),
        ...{ envelopes, clock, telemetry },
      },
      { waitMs: 1_000, hiddenMs: 1_000 },
    );
    return {
      ...{ topics, acknowledged },
      // What nobody decides about is pushed again sooner than that.
      redeliveryMs: Math.max(3_000, 2 * site.patienceMs),
      transport: () => ({
        capabilities: transport.capabilities,
        send: transport.send.bind(transport),
        consume: messages.consume.bind(messages),
        consumeDeadLetters: (handle, signal) => letters.consume({ maxInFlight: 10 }, handle, signal),
      }),
      close: () => service.close(),
    };
  });
}

interface Way {
  readonly client: PubsubClient;
  readonly project: string;
  readonly ackDeadlineSeconds: number;
  readonly holdMs: number;
}

interface Scene {
  readonly topics: Topics;
  /** Ids of dead letters that are settled. */
  readonly acknowledged: ReadonlySet<string>;
  readonly redeliveryMs: number;
  transport(): Transport;
  close(): Promise<void>;
}

function harnessOf(
  site: PubsubSite,
  capabilities: Transport["capabilities"],
  sceneOf: (way: Way) => Promise<Scene>,
): TransportHarness {
  const { patienceMs, ackDeadlineSeconds, atOnce, blockable, project = PROJECT } = site;
  const behind = new WeakMap<OpenTransport, Behind>();
  const of = (open: OpenTransport) => behind.get(open) as Behind;
  return {
    capabilities,
    ...{ atOnce, timeoutMs: 150_000 },
    open: async () => {
      const endpoint = site.endpoint();
      const gateway = endpoint === null ? null : await gatewayTo(endpoint);
      const client = new PubsubClient(gateway?.endpoint ?? null);
      const scene = await sceneOf({ client, project, ackDeadlineSeconds, holdMs: ackDeadlineSeconds * 1_000 - 500 });
      const { topics } = scene;
      const open: OpenTransport = {
        transport: scene.transport(),
        ...{ now, pass, patienceMs, redeliveryMs: scene.redeliveryMs },
        deadLetters: async () => lettersOf(topics.letters, scene.acknowledged),
        kept: async () => lettersOf(topics.kept),
        ...(capabilities.push && { consume: scene.transport().consume.bind(null) }),
        close: async () => {
          await scene.close();
          await topics.remove();
          await client.close();
          await gateway?.close();
        },
      };
      behind.set(open, { topics, transport: () => scene.transport(), block: gateway?.block ?? null });
      return open;
    },
    reopen: async (open) => of(open).transport(),
    sendUnreadable: (open) => of(open).topics.send("garbage"),
    ...(blockable && { stall: async (open: OpenTransport) => of(open).block?.() }),
  };
}

function lettersOf({ seen }: Spy, without: ReadonlySet<string> = new Set()): readonly DeadLetter[] {
  return [...seen.values()].flatMap(({ id, body, attributes }) => {
    if (without.has(id)) return [];
    const read = envelopes.open(body);
    const message = "message" in read ? read.message : null;
    return [{ message, reason: attributes[REASON] ?? "received too often" }];
  });
}

function topicOn(client: PubsubClient, topic: string): PubsubQueue {
  return new PubsubQueue({ client, clock, topic, subscription: null });
}

/** Keeps which messages were deleted. */
class Recorded implements TextQueue {
  readonly #queue: TextQueue;
  readonly #deleted: Set<string>;
  readonly #ids = new Map<string, string>();

  constructor(queue: TextQueue, deleted: Set<string>) {
    this.#queue = queue;
    this.#deleted = deleted;
  }

  send(...args: Parameters<TextQueue["send"]>): Promise<readonly (string | null)[]> {
    return this.#queue.send(...args);
  }

  keep(receipts: readonly string[], ms: number): Promise<readonly boolean[]> {
    return this.#queue.keep(receipts, ms);
  }

  async receive(receiving: Receiving): Promise<readonly Received[]> {
    const received = await this.#queue.receive(receiving);
    for (const { receipt, id } of received) this.#ids.set(receipt, id);
    return received;
  }

  async delete(receipts: readonly string[]): Promise<readonly boolean[]> {
    const done = await this.#queue.delete(receipts);
    for (const receipt of receipts) this.#deleted.add(this.#ids.get(receipt) ?? "");
    return done;
  }
}
