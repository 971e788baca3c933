import { Refusal } from "./refusal.js";

/*
 * Topics and subscriptions as Pub/Sub keeps them:
 *   B1. each giving out has an ack id of its own, and an ack id of before decides nothing;
 *   B2. what nobody decided about is given out again once its ack deadline has passed;
 *   B3. what was given out too often is published to the dead-letter topic, and only then forgotten.
 */

export interface Duration {
  readonly seconds?: number;
  readonly nanos?: number;
}

/** As much of a `google.pubsub.v1.Subscription` as is understood here. */
export interface SubscriptionSpec {
  readonly name: string;
  readonly topic: string;
  readonly ackDeadlineSeconds?: number;
  readonly retryPolicy?: { readonly minimumBackoff?: Duration; readonly maximumBackoff?: Duration } | null;
  readonly deadLetterPolicy?: { readonly deadLetterTopic: string; readonly maxDeliveryAttempts?: number } | null;
  readonly pushConfig?: PushConfig | null;
}

export interface PushConfig {
  readonly pushEndpoint?: string;
  readonly oidcToken?: { readonly serviceAccountEmail: string; readonly audience?: string } | null;
}

export interface PubsubMessage {
  readonly messageId: string;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly publishTime: Date;
  readonly orderingKey: string;
}

export interface GivenOut {
  readonly ackId: string;
  readonly message: PubsubMessage;
  /** 0 where there is no dead-letter policy. */
  readonly deliveryAttempt: number;
}

interface Entry {
  readonly message: PubsubMessage;
  attempts: number;
  availableAt: number;
}

export interface BrokerOptions {
  /** Google's is 10; ours may be shorter, for tests that wait for it. */
  readonly leastAckDeadlineSeconds: number;
}

const MOST_MESSAGES = 1_000;
const MOST_BYTES = 10_000_000;
/** What is pushed in vain is not pushed again at once. */
const PUSH_BACKOFF = { min: 100, max: 2_000 };
export const DELETED_TOPIC = "_deleted-topic_";

export class Broker {
  readonly #topics = new Set<string>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #options: BrokerOptions;
  #published = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  get subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  createTopic(name: string): void {
    if (this.#topics.has(name)) throw new Refusal("ALREADY_EXISTS", `Topic already exists (resource=${nameIn(name)})`);
    this.#topics.add(name);
  }

  needTopic(name: string): void {
    if (!this.#topics.has(name)) throw new Refusal("NOT_FOUND", `Topic not found (resource=${nameIn(name)})`);
  }

  deleteTopic(name: string): void {
    this.needTopic(name);
    this.#topics.delete(name);
    for (const subscription of this.subscriptions) if (subscription.spec.topic === name) subscription.orphan();
  }

  createSubscription(spec: SubscriptionSpec): Subscription {
    if (!this.#topics.has(spec.topic)) throw new Refusal("NOT_FOUND", "Subscription topic does not exist");
    if (this.#subscriptions.has(spec.name)) {
      throw new Refusal("ALREADY_EXISTS", `Subscription already exists (resource=${nameIn(spec.name)})`);
    }
    const subscription = new Subscription(spec, {
      ...this.#options,
      // A dead-letter topic that is not there keeps nothing back from being given out again.
      forward: (topic, message) => this.#topics.has(topic) && this.#fanOut(topic, [message]).length > 0,
    });
    this.#subscriptions.set(spec.name, subscription);
    return subscription;
  }

  subscription(name: string): Subscription {
    const found = this.#subscriptions.get(name);
    if (found !== undefined) return found;
    throw new Refusal("NOT_FOUND", `Subscription does not exist (resource=${nameIn(name)})`);
  }

  deleteSubscription(name: string): void {
    this.subscription(name);
    this.#subscriptions.delete(name);
  }

  publish(topic: string, messages: readonly Partial<PubsubMessage>[]): readonly string[] {
    this.needTopic(topic);
    if (messages.length === 0) throw new Refusal("INVALID_ARGUMENT", "No messages to publish");
    if (messages.length > MOST_MESSAGES) throw new Refusal("INVALID_ARGUMENT", "Too many messages to publish");
    if (messages.reduce((sum, { data }) => sum + (data?.length ?? 0), 0) > MOST_BYTES) {
      throw new Refusal("INVALID_ARGUMENT", "The request is too large");
    }
    for (const { data, attributes = {} } of messages) {
      if ((data?.length ?? 0) === 0 && Object.keys(attributes).length === 0) {
        throw new Refusal("INVALID_ARGUMENT", "Some messages are empty");
      }
    }
    return this.#fanOut(topic, messages);
  }

  /** Ends the ack deadlines that have passed. */
  tick(now: number): void {
    for (const subscription of this.#subscriptions.values()) subscription.tick(now);
  }

  #fanOut(topic: string, messages: readonly Partial<PubsubMessage>[]): readonly string[] {
    const kept = messages.map(({ data = Buffer.alloc(0), attributes = {}, orderingKey = "" }) => {
      const messageId = String(++this.#published);
      return { messageId, data, attributes, publishTime: new Date(), orderingKey };
    });
    for (const subscription of this.subscriptions) if (subscription.spec.topic === topic) subscription.add(kept);
    return kept.map(({ messageId }) => messageId);
  }
}

interface SubscriptionOptions extends BrokerOptions {
  /** Whether the dead-letter topic has it now. */
  readonly forward: (topic: string, message: Partial<PubsubMessage>) => boolean;
}

export class Subscription {
  spec: SubscriptionSpec;
  readonly #options: SubscriptionOptions;
  readonly #out = new Map<string, { readonly entry: Entry; until: number; readonly ended: () => void }>();
  #waiting: Entry[] = [];
  #given = 0;
  #change = Promise.withResolvers<void>();

  constructor(spec: SubscriptionSpec, options: SubscriptionOptions) {
    this.#options = options;
    this.spec = spec;
    this.update(spec);
  }

  /** How many are not acknowledged yet. */
  get depth(): number {
    return this.#waiting.length + this.#out.size;
  }

  get ackDeadlineSeconds(): number {
    return this.spec.ackDeadlineSeconds ?? 10;
  }

  update(change: Partial<SubscriptionSpec>): void {
    const spec = { ...this.spec, ...change };
    const { ackDeadlineSeconds: seconds = 0, deadLetterPolicy: policy } = spec;
    const least = this.#options.leastAckDeadlineSeconds;
    if (seconds !== 0 && (seconds < least || seconds > 600)) {
      throw new Refusal("INVALID_ARGUMENT", "ack_deadline_secs out of bounds");
    }
    const attempts = policy?.maxDeliveryAttempts ?? 0;
    if (attempts !== 0 && (attempts < 5 || attempts > 100)) {
      throw new Refusal("INVALID_ARGUMENT", "max_delivery_attempts out of bounds");
    }
    this.spec = { ...spec, ackDeadlineSeconds: seconds === 0 ? 10 : seconds };
    this.#changed();
  }

  orphan(): void {
    this.spec = { ...this.spec, topic: DELETED_TOPIC };
  }

  add(messages: readonly PubsubMessage[]): void {
    this.#waiting.push(...messages.map((message) => ({ message, attempts: 0, availableAt: 0 })));
    this.#changed();
  }

  /** What is there now, for as long as the ack deadline says; `ended` is called where it passes. */
  take(most: number, ended: () => void = () => undefined): readonly GivenOut[] {
    const now = performance.now();
    const taken: Entry[] = [];
    this.#waiting = this.#waiting.filter((entry) => {
      if (taken.length === most || entry.availableAt > now) return true;
      taken.push(entry);
      return false;
    });
    return taken.map((entry) => {
      entry.attempts++;
      const ackId = `${this.spec.name}:${++this.#given}`;
      this.#out.set(ackId, { entry, until: now + this.ackDeadlineSeconds * 1_000, ended });
      const counts = this.spec.deadLetterPolicy !== undefined && this.spec.deadLetterPolicy !== null;
      return { ackId, message: entry.message, deliveryAttempt: counts ? entry.attempts : 0 };
    });
  }

  /** Until something may be there that was not. */
  async changed(): Promise<void> {
    return this.#change.promise;
  }

  acknowledge(ackIds: readonly string[]): void {
    this.#needAckIds(ackIds);
    for (const ackId of ackIds) this.#out.delete(ackId); // (B1)
  }

  modify(ackIds: readonly string[], seconds: number): void {
    this.#needAckIds(ackIds);
    if (seconds < 0 || seconds > 600) throw new Refusal("INVALID_ARGUMENT", "ack_deadline_secs out of bounds");
    for (const ackId of ackIds) {
      const out = this.#out.get(ackId); // (B1)
      if (out === undefined) continue;
      if (seconds === 0) this.#giveBack(ackId);
      else out.until = performance.now() + seconds * 1_000;
    }
  }

  tick(now: number): void {
    for (const [ackId, { until, ended }] of this.#out) {
      if (until > now) continue;
      this.#giveBack(ackId); // (B2)
      ended();
    }
    if (this.#waiting.some(({ availableAt }) => availableAt !== 0 && availableAt <= now)) this.#changed();
  }

  /** Those of others are refused; those of before are not. */
  #needAckIds(ackIds: readonly string[]): void {
    if (ackIds.length === 0) throw new Refusal("INVALID_ARGUMENT", "No ack ids specified.");
    const odd = ackIds.find((ackId) => !ackId.startsWith(`${this.spec.name}:`));
    if (odd !== undefined) throw new Refusal("INVALID_ARGUMENT", `Invalid ack id (ack_id=${odd})`);
  }

  #giveBack(ackId: string): void {
    const entry = this.#out.get(ackId)?.entry;
    this.#out.delete(ackId);
    if (entry === undefined || this.#buried(entry)) return;
    entry.availableAt = performance.now() + this.#backoffMs(entry.attempts);
    this.#waiting.push(entry);
    this.#changed();
  }

  #buried({ attempts, message }: Entry): boolean {
    const { deadLetterPolicy: policy, name } = this.spec;
    if (policy === undefined || policy === null || attempts < (policy.maxDeliveryAttempts ?? 5)) return false;
    const [, project = ""] = name.split("/");
    return this.#options.forward(policy.deadLetterTopic, {
      ...message, // (B3)
      attributes: {
        ...message.attributes,
        CloudPubSubDeadLetterSourceDeliveryCount: String(attempts),
        CloudPubSubDeadLetterSourceSubscription: nameIn(name),
        CloudPubSubDeadLetterSourceSubscriptionProject: project,
        CloudPubSubDeadLetterSourceTopicPublishTime: message.publishTime.toISOString(),
      },
    });
  }

  #backoffMs(attempts: number): number {
    const { retryPolicy, pushConfig } = this.spec;
    const pushes = (pushConfig?.pushEndpoint ?? "") !== "";
    if ((retryPolicy === undefined || retryPolicy === null) && !pushes) return 0;
    const min = msOf(retryPolicy?.minimumBackoff) ?? (pushes ? PUSH_BACKOFF.min : 10_000);
    const max = msOf(retryPolicy?.maximumBackoff) ?? (pushes ? PUSH_BACKOFF.max : 600_000);
    return Math.min(max, min * 2 ** (attempts - 1));
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

function msOf(duration: Duration | null | undefined): number | null {
  if (duration === undefined || duration === null) return null;
  return (duration.seconds ?? 0) * 1_000 + (duration.nanos ?? 0) / 1e6;
}

/** The last part of `projects/p/topics/t`. */
function nameIn(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
