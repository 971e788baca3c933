import { PubSub, v1 } from "@google-cloud/pubsub";
import { Conflict, Unavailable } from "@punctual/core";
import { GoogleAuth, PassThroughClient } from "google-auth-library";
import { isForbidden, isMissing, translated } from "../errors.js";

export interface Clients {
  readonly publisher: v1.PublisherClient;
  readonly subscriber: v1.SubscriberClient;
}

export interface Given {
  readonly id: string;
  readonly ackId: string;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Publishing {
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
}

/** As much of a subscription as is checked before it is used. */
export interface Subscribed {
  readonly topic: string;
  readonly ackDeadlineSeconds: number;
  readonly pushEndpoint: string | null;
}

const REQUEST_MS = 5_000;
/** The service answers that there is nothing sooner than this. */
const PULL_MS = 90_000;
/** One try: who asked knows better what to do, and when, than a library that goes on for minutes. */
const ONCE = { timeout: REQUEST_MS, retry: null };
const CHANNEL = { "grpc.max_reconnect_backoff_ms": 5_000, "grpc.keepalive_time_ms": 300_000 };

/** Pub/Sub, by the low-level clients of Google's library. */
export class PubsubClient {
  readonly #endpoint: string | null;
  #opening: Promise<Clients> | null = null;
  #clients: Clients | null = null;

  /** At an emulator, or at Google where it is null. */
  constructor(endpoint: string | null) {
    this.#endpoint = endpoint;
  }

  /** The ids of those that were taken. */
  async publish(topic: string, messages: readonly Publishing[], signal?: AbortSignal): Promise<readonly string[]> {
    return this.#ask(publishingTo(topic), signal, async ({ publisher }) => {
      const [{ messageIds }] = await publisher.publish(
        { topic, messages: [...messages] },
        { ...ONCE, ...(signal !== undefined && { signal }) },
      );
      return messageIds ?? [];
    });
  }

  async pull(subscription: string, most: number, signal: AbortSignal): Promise<readonly Given[]> {
    return this.#ask(consumingFrom(subscription), signal, async ({ subscriber }) => {
      const request = { subscription, maxMessages: most };
      const [{ receivedMessages }] = await subscriber.pull(request, { timeout: PULL_MS, retry: null, signal });
      return (receivedMessages ?? []).map(({ ackId, message }) => ({
        id: message?.messageId ?? "",
        ackId: ackId ?? "",
        data: Buffer.from(message?.data ?? ""),
        attributes: message?.attributes ?? {},
      }));
    });
  }

  async acknowledge(subscription: string, ackIds: readonly string[]): Promise<void> {
    await this.#ask(consumingFrom(subscription), undefined, async ({ subscriber }) =>
      subscriber.acknowledge({ subscription, ackIds: [...ackIds] }, ONCE),
    );
  }

  async modifyAckDeadline(subscription: string, ackIds: readonly string[], seconds: number): Promise<void> {
    const request = { subscription, ackIds: [...ackIds], ackDeadlineSeconds: seconds };
    await this.#ask(consumingFrom(subscription), undefined, async ({ subscriber }) =>
      subscriber.modifyAckDeadline(request, ONCE),
    );
  }

  async needTopic(topic: string): Promise<void> {
    await this.#ask(lookingAt("topic", topic), undefined, async ({ publisher }) => publisher.getTopic({ topic }, ONCE));
  }

  async subscribed(subscription: string): Promise<Subscribed> {
    return this.#ask(lookingAt("subscription", subscription), undefined, async ({ subscriber }) => {
      const [found] = await subscriber.getSubscription({ subscription }, ONCE);
      const pushEndpoint = found.pushConfig?.pushEndpoint ?? "";
      return {
        topic: found.topic ?? "",
        ackDeadlineSeconds: found.ackDeadlineSeconds ?? 0,
        pushEndpoint: pushEndpoint === "" ? null : pushEndpoint,
      };
    });
  }

  async close(): Promise<void> {
    const clients = await this.#opening?.catch(() => null);
    this.#opening = this.#clients = null;
    await Promise.all([clients?.publisher.close(), clients?.subscriber.close()]);
  }

  async #ask<T>(of: Asking, signal: AbortSignal | undefined, work: (clients: Clients) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#opened(signal));
    } catch (error) {
      throw told(error, of);
    }
  }

  async #opened(signal?: AbortSignal): Promise<Clients> {
    if (this.#clients !== null) return this.#clients;
    const opening = (this.#opening ??= openClients(this.#endpoint).catch((error: unknown) => {
      this.#opening = null; // a client that once found no credentials never looks again
      throw error;
    }));
    const over = AbortSignal.any([AbortSignal.timeout(REQUEST_MS), ...(signal === undefined ? [] : [signal])]);
    const late = new Promise<never>((_, reject) => {
      const end = () => reject(new Unavailable("Pub/Sub is not asked yet: no credentials were found in time"));
      if (over.aborted) end();
      over.addEventListener("abort", end, { once: true });
    });
    late.catch(() => undefined);
    const clients = await Promise.race([opening, late]);
    if (this.#opening === opening) this.#clients = clients;
    return clients;
  }
}

/** Ready to be asked: asked before that, a client ends its process where there are no credentials. */
export async function openClients(endpoint: string | null): Promise<Clients> {
  const options = { ...CHANNEL, ...(endpoint !== null && atEmulator(endpoint)) };
  const clients = { publisher: new v1.PublisherClient(options), subscriber: new v1.SubscriberClient(options) };
  await Promise.all([clients.publisher.initialize(), clients.subscriber.initialize()]);
  return clients;
}

/** As nobody, and so that nobody looks for a metadata server, which is what takes long and warns outside Google. */
function atEmulator(endpoint: string) {
  const { servicePath, port, sslCreds } = new PubSub({ apiEndpoint: endpoint, emulatorMode: true }).options;
  return { servicePath, port, sslCreds, auth: new GoogleAuth({ authClient: new PassThroughClient() }) };
}

/** What is asked for: what to create, or to allow, where that fails. */
interface Asking {
  readonly what: string;
  readonly role: string;
}

const publishingTo = (topic: string): Asking => ({ what: `The topic ${topic}`, role: "roles/pubsub.publisher" });
const consumingFrom = (subscription: string): Asking => ({
  what: `The subscription ${subscription}`,
  role: "roles/pubsub.subscriber",
});
const lookingAt = (kind: "topic" | "subscription", name: string): Asking => ({
  what: `The ${kind} ${name}`,
  role: "roles/pubsub.viewer",
});

function told(error: unknown, { what, role }: Asking): unknown {
  if (isMissing(error)) {
    const why = new Conflict("wrong_state", `${what} is not there: create it, or name another`);
    why.cause = error;
    return why;
  }
  if (isForbidden(error)) {
    return new Unavailable(`${what} is closed to this process: grant it ${role} there`, { cause: error });
  }
  return translated(error, "Pub/Sub");
}
