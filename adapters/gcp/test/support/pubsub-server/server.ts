import * as grpc from "@grpc/grpc-js";
import { Broker, type PubsubMessage, type PushConfig, type Subscription, type SubscriptionSpec } from "./broker.js";
import { serviceOf } from "./protos.js";
import { push, type Sign } from "./push.js";
import { Refusal } from "./refusal.js";

export interface PubsubServerOptions {
  readonly leastAckDeadlineSeconds?: number;
  /** How long a pull waits where nothing is there. Google's is not told, and longer. */
  readonly pullMs?: number;
  /** What signs the tokens of pushes; without, these have none. */
  readonly sign?: Sign;
}

interface Named {
  readonly topic: string;
  readonly subscription: string;
}

const PULL_MS = 10_000;
const MOST_BYTES = 16_000_000;

/** A Pub/Sub of one's own: what `broker.ts` keeps, by gRPC, and pushed where a subscription says so. */
export class PubsubServer {
  readonly #options: PubsubServerOptions;
  readonly #ticking: NodeJS.Timeout;
  #broker: Broker;
  #server: grpc.Server | null = null;
  #stopping = new AbortController();
  #pushed = new Map<Subscription, AbortController>();
  #port = 0;

  static async start(options: PubsubServerOptions = {}): Promise<PubsubServer> {
    const server = new PubsubServer(options);
    await server.resume();
    return server;
  }

  private constructor(options: PubsubServerOptions) {
    this.#options = options;
    this.#broker = this.#empty();
    this.#ticking = setInterval(() => this.#broker.tick(performance.now()), 20);
    this.#ticking.unref();
  }

  get endpoint(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** How many messages of a subscription are not acknowledged. */
  depthOf(subscription: string): number {
    return this.#broker.subscription(subscription).depth;
  }

  /** Away: whoever asks finds nobody. What it keeps is there again when it goes on, as in the cloud. */
  async pause(): Promise<void> {
    this.#stopping.abort();
    for (const pushing of this.#pushed.values()) pushing.abort();
    this.#pushed.clear();
    this.#server?.forceShutdown();
    this.#server = null;
  }

  /** As an emulator that is killed. */
  async lose(): Promise<void> {
    await this.pause();
    this.#broker = this.#empty();
  }

  /** Back where it was. */
  async resume(): Promise<void> {
    this.#stopping = new AbortController();
    const server = new grpc.Server({ "grpc.max_receive_message_length": MOST_BYTES });
    server.addService(serviceOf("Publisher"), this.#publisher());
    server.addService(serviceOf("Subscriber"), this.#subscriber());
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(this.endpoint, grpc.ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    this.#server = server;
    for (const subscription of this.#broker.subscriptions) this.#beginPushing(subscription);
  }

  async stop(): Promise<void> {
    clearInterval(this.#ticking);
    await this.pause();
  }

  #empty(): Broker {
    return new Broker({ leastAckDeadlineSeconds: this.#options.leastAckDeadlineSeconds ?? 10 });
  }

  #beginPushing(subscription: Subscription): void {
    const stop = new AbortController();
    this.#pushed.set(subscription, stop);
    void push(subscription, this.#options.sign ?? null, stop.signal);
  }

  #publisher(): grpc.UntypedServiceImplementation {
    return {
      CreateTopic: answering(({ name }: { readonly name: string }) => {
        this.#broker.createTopic(name);
        return { name };
      }),
      GetTopic: answering(({ topic }: Named) => {
        this.#broker.needTopic(topic);
        return { name: topic };
      }),
      DeleteTopic: answering(({ topic }: Named) => {
        this.#broker.deleteTopic(topic);
        return {};
      }),
      Publish: answering(({ topic, messages }: Named & { readonly messages: readonly Partial<PubsubMessage>[] }) => ({
        messageIds: this.#broker.publish(topic, messages),
      })),
    };
  }

  #subscriber(): grpc.UntypedServiceImplementation {
    return {
      CreateSubscription: answering((spec: SubscriptionSpec) => {
        const subscription = this.#broker.createSubscription(spec);
        this.#beginPushing(subscription);
        return subscription.spec;
      }),
      GetSubscription: answering(({ subscription }: Named) => this.#broker.subscription(subscription).spec),
      UpdateSubscription: answering(
        ({
          subscription: spec,
          updateMask,
        }: {
          readonly subscription: SubscriptionSpec;
          readonly updateMask: { readonly paths: readonly string[] };
        }) => {
          const subscription = this.#broker.subscription(spec.name);
          const fields = updateMask.paths.map((path) =>
            path.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
          );
          subscription.update(Object.fromEntries(Object.entries(spec).filter(([name]) => fields.includes(name))));
          return subscription.spec;
        },
      ),
      ModifyPushConfig: answering(({ subscription, pushConfig }: Named & { readonly pushConfig: PushConfig }) => {
        this.#broker.subscription(subscription).update({ pushConfig });
        return {};
      }),
      DeleteSubscription: answering(({ subscription: name }: Named) => {
        const subscription = this.#broker.subscription(name);
        this.#pushed.get(subscription)?.abort();
        this.#pushed.delete(subscription);
        this.#broker.deleteSubscription(name);
        return {};
      }),
      Pull: answering(async ({ subscription, maxMessages, returnImmediately }: Pulling, gone) => ({
        receivedMessages: (await this.#pull(subscription, maxMessages, returnImmediately === true, gone)).map(
          (given) => ({
            ...given,
            message: { ...given.message, publishTime: secondsOf(given.message.publishTime) },
          }),
        ),
      })),
      Acknowledge: answering(({ subscription, ackIds }: Named & { readonly ackIds: readonly string[] }) => {
        this.#broker.subscription(subscription).acknowledge(ackIds);
        return {};
      }),
      ModifyAckDeadline: answering(
        ({
          subscription,
          ackIds,
          ackDeadlineSeconds = 0,
        }: Named & { readonly ackIds: readonly string[]; readonly ackDeadlineSeconds?: number }) => {
          this.#broker.subscription(subscription).modify(ackIds, ackDeadlineSeconds);
          return {};
        },
      ),
    };
  }

  /** Who has gone meanwhile is given nothing. */
  async #pull(name: string, most: number | undefined, atOnce: boolean, gone: AbortSignal) {
    if (most === undefined || most < 1) throw new Refusal("INVALID_ARGUMENT", "No max_messages specified");
    const over = AbortSignal.any([gone, this.#stopping.signal, AbortSignal.timeout(this.#options.pullMs ?? PULL_MS)]);
    const ended = new Promise<void>((resolve) => over.addEventListener("abort", () => resolve(), { once: true }));
    for (;;) {
      const subscription = this.#broker.subscription(name);
      if (gone.aborted) return [];
      const change = subscription.changed();
      const taken = subscription.take(most);
      if (taken.length > 0 || atOnce || over.aborted) return taken;
      await Promise.race([change, ended]);
    }
  }
}

interface Pulling extends Named {
  readonly maxMessages?: number;
  readonly returnImmediately?: boolean;
}

/** A handler of one method; `gone` is aborted once nobody waits for its answer. */
function answering<Q>(
  answer: (request: Q, gone: AbortSignal) => object | Promise<object>,
): grpc.handleUnaryCall<Q, object> {
  return (call, callback) => {
    const gone = new AbortController();
    call.on("cancelled", () => gone.abort());
    void (async () => answer(call.request, gone.signal))().then(
      (response) => callback(null, response),
      (error: unknown) => {
        const code = error instanceof Refusal ? error.code : "INTERNAL";
        callback({ code: grpc.status[code], details: error instanceof Error ? error.message : "" });
      },
    );
  };
}

function secondsOf(date: Date) {
  const ms = date.getTime();
  return { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1e6 };
}
