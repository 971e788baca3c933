import { Envelopes, QueueTransport } from "@punctual/adapter-sdk";
import { type Clock, Conflict, type Telemetry } from "@punctual/core";
import type { PubsubConfig } from "../config.js";
import { PUBSUB_CAPABILITIES, PUBSUB_PUSH_CAPABILITIES } from "./capabilities.js";
import { PubsubClient } from "./pubsub-client.js";
import { PubsubQueue } from "./pubsub-queue.js";
import { PushedQueue } from "./pushed-queue.js";

export interface OpenPubsub {
  readonly transport: QueueTransport;
  /** Throws unless the topics and subscriptions are there, and such as they must be. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenPubsubDeps {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Of envelopes. */
  readonly keys: readonly Uint8Array[];
}

/** A stop waits no longer than that for messages; a request for them goes on from one wait to the next. */
const WAIT_MS = 1_000;

/** Fetches messages, for a process of its own. */
export function openPubsub(config: PubsubConfig, deps: OpenPubsubDeps): OpenPubsub {
  return opened(config, deps, null);
}

/** Is pushed messages, for a service that `pushHandler` answers for; the answer to one is held for so long at the most. */
export function openPushedPubsub(config: PubsubConfig, deps: OpenPubsubDeps, holdMs: number): OpenPubsub {
  return opened(config, deps, holdMs);
}

function opened(config: PubsubConfig, { clock, telemetry, keys }: OpenPubsubDeps, holdMs: number | null): OpenPubsub {
  const client = new PubsubClient(config.endpoint);
  const names = namesIn(config);
  const queues: PubsubQueue[] = [];
  const queueOf = (topic: string, subscription: string) => {
    const queue = new PubsubQueue({ client, clock, topic, subscription });
    queues.push(queue);
    return holdMs === null ? queue : new PushedQueue(queue, clock, holdMs);
  };
  const { unreadableTopic } = names;
  const transport = new QueueTransport(
    {
      capabilities: holdMs === null ? PUBSUB_CAPABILITIES : PUBSUB_PUSH_CAPABILITIES,
      queue: queueOf(names.topic, names.subscription),
      deadLetters: queueOf(names.deadLetterTopic, names.deadLetterSubscription),
      unreadable:
        unreadableTopic === null
          ? null
          : new PubsubQueue({ client, clock, topic: unreadableTopic, subscription: null }),
      ...{ envelopes: new Envelopes(keys), clock, telemetry },
    },
    { waitMs: WAIT_MS, hiddenMs: config.ackDeadlineSeconds * 1_000 },
  );
  const checkPair = async (topic: string, subscription: string) => {
    const [found] = await Promise.all([client.subscribed(subscription), client.needTopic(topic)]);
    const objection = objectionTo(found, topic, config, holdMs !== null);
    if (objection !== null) throw new Conflict("wrong_state", `The subscription ${subscription} ${objection}`);
  };
  return {
    transport,
    check: async () => {
      await Promise.all([
        checkPair(names.topic, names.subscription),
        checkPair(names.deadLetterTopic, names.deadLetterSubscription),
        unreadableTopic === null ? null : client.needTopic(unreadableTopic),
      ]);
    },
    close: async () => {
      await Promise.all(queues.map((queue) => queue.close()));
      await client.close();
    },
  };
}

function objectionTo(
  found: Awaited<ReturnType<PubsubClient["subscribed"]>>,
  topic: string,
  { ackDeadlineSeconds }: PubsubConfig,
  pushed: boolean,
): string | null {
  if (found.topic !== topic) return `is not one of ${topic}, but of ${found.topic}`;
  if (found.ackDeadlineSeconds < ackDeadlineSeconds) {
    return `has an ack deadline of ${found.ackDeadlineSeconds} s; it must be ${ackDeadlineSeconds} s at least`;
  }
  if (pushed && found.pushEndpoint === null) return "pushes to nobody; give it the address of this service";
  return !pushed && found.pushEndpoint !== null ? "pushes; name one that is pulled from" : null;
}

function namesIn(config: PubsubConfig) {
  const topicOf = (name: string) => `projects/${config.project}/topics/${name}`;
  const subscriptionOf = (name: string) => `projects/${config.project}/subscriptions/${name}`;
  return {
    topic: topicOf(config.topic),
    subscription: subscriptionOf(config.subscription),
    deadLetterTopic: topicOf(config.deadLetterTopic),
    deadLetterSubscription: subscriptionOf(config.deadLetterSubscription),
    unreadableTopic: config.unreadableTopic === null ? null : topicOf(config.unreadableTopic),
  };
}
