import type { Clients } from "../../src/transport/pubsub-client.js";

export const PROJECT = "punctual-test";

/** A topic, its dead letters, and those of them that nobody can read. Names are whole, with their project. */
export interface Topics {
  readonly main: string;
  readonly deadLetters: string;
  readonly unreadable: string;
  readonly subscription: string;
  readonly deadLetterSubscription: string;
  /** Puts any text in. */
  send(body: string, attributes?: Readonly<Record<string, string>>): Promise<void>;
  /** All that has come among the dead letters, and to what nobody can read, without taking it. */
  readonly letters: Spy;
  readonly kept: Spy;
  /** Makes them again, in a service that has lost them. */
  restore(): Promise<void>;
  remove(): Promise<void>;
}

export interface Seen {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface TopicOptions {
  readonly project?: string;
  readonly ackDeadlineSeconds: number;
  /** Where messages are pushed to, and dead letters. */
  readonly push?: {
    readonly messages: string;
    readonly deadLetters: string;
    /** The account whose token goes with each, and what for. */
    readonly oidcToken?: { readonly serviceAccountEmail: string; readonly audience: string };
  };
  /** How messages come again, and how often at the most. */
  readonly again?: {
    readonly maxDeliveryAttempts: number;
    readonly minimumBackoffSeconds: number;
    readonly maximumBackoffSeconds: number;
  };
}

let made = 0;

/** A name that nobody has had before. */
export function nameOfOwn(): string {
  return `punctual-${process.pid}-${Date.now().toString(36)}-${++made}`;
}

export async function makeTopics(clients: Clients, options: TopicOptions): Promise<Topics> {
  const { publisher, subscriber } = clients;
  const { project = PROJECT, ackDeadlineSeconds, push, again } = options;
  const name = nameOfOwn();
  const topicOf = (suffix: string) => `projects/${project}/topics/${name}${suffix}`;
  const subscriptionOf = (suffix: string) => `projects/${project}/subscriptions/${name}${suffix}`;
  const [main, deadLetters, unreadable] = [topicOf(""), topicOf("-dead-letters"), topicOf("-unreadable")];
  const [seen, kept] = [subscriptionOf("-seen"), subscriptionOf("-kept")];
  const [deadLetterSubscription, subscription] = [subscriptionOf("-dead-letters"), subscriptionOf("")];
  const pushed = (endpoint: string | undefined) =>
    endpoint === undefined ? {} : { pushConfig: { pushEndpoint: endpoint, oidcToken: push?.oidcToken ?? null } };
  const subscribe = async (named: string, topic: string, spec: object = {}) =>
    subscriber.createSubscription({ name: named, topic, ackDeadlineSeconds, ...spec });
  const make = async () => {
    await Promise.all([main, deadLetters, unreadable].map((one) => publisher.createTopic({ name: one })));
    await Promise.all([
      subscribe(seen, deadLetters, { ackDeadlineSeconds: 10 }),
      subscribe(kept, unreadable, { ackDeadlineSeconds: 10 }),
      subscribe(deadLetterSubscription, deadLetters, pushed(push?.deadLetters)),
      subscribe(subscription, main, {
        deadLetterPolicy: { deadLetterTopic: deadLetters, maxDeliveryAttempts: again?.maxDeliveryAttempts ?? 5 },
        ...(again !== undefined && {
          retryPolicy: {
            minimumBackoff: { seconds: again.minimumBackoffSeconds },
            maximumBackoff: { seconds: again.maximumBackoffSeconds },
          },
        }),
        ...pushed(push?.messages),
      }),
    ]);
  };
  await make();
  const spies = [new Spy(clients, seen), new Spy(clients, kept)] as const;
  return {
    ...{ main, deadLetters, unreadable, subscription, deadLetterSubscription },
    ...{ letters: spies[0], kept: spies[1] },
    send: async (body, attributes = {}) =>
      void (await publisher.publish({ topic: main, messages: [{ data: Buffer.from(body), attributes }] })),
    restore: make,
    remove: async () => {
      await Promise.all(spies.map((spy) => spy.stop()));
      const subscriptions = [seen, kept, deadLetterSubscription, subscription];
      await Promise.all(subscriptions.map((one) => subscriber.deleteSubscription({ subscription: one })));
      await Promise.all([main, deadLetters, unreadable].map((one) => publisher.deleteTopic({ topic: one })));
    },
  };
}

/** Sees all that comes to a topic, by a subscription of its own. */
export class Spy {
  readonly seen = new Map<string, Seen>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor({ subscriber }: Clients, subscription: string) {
    this.#running = (async () => {
      while (!this.#stop.signal.aborted) {
        try {
          const options = { timeout: 60_000, retry: null, signal: this.#stop.signal };
          const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: 100 }, options);
          const ackIds = (receivedMessages ?? []).map(({ ackId, message }) => {
            const [id, body] = [message?.messageId ?? "", Buffer.from(message?.data ?? "").toString()];
            this.seen.set(id, { id, body, attributes: message?.attributes ?? {} });
            return ackId ?? "";
          });
          if (ackIds.length > 0) await subscriber.acknowledge({ subscription, ackIds });
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 100)); // stopped, or its server is
        }
      }
    })();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
