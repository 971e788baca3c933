import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate, type Output } from "@pulumi/pulumi";
import type { Queue, QueueName } from "@punctual/stack-blueprint";
import type { GcpAccounts } from "./accounts.js";
import { agentMember } from "./agents.js";
import { audienceOf } from "./callers.js";
import { LEAST_RECEIVES } from "./differences.js";
import type { GcpKeys } from "./keys.js";
import type { Plan, Topics } from "./parts.js";
import { topicOf } from "./topics.js";

const DAY = 86_400;
/** Without it Pub/Sub pushes again at once what was refused, and five refusals make a dead letter. */
const RETRIES = { minimumBackoff: "10s", maximumBackoff: "600s" };

export interface SubscriptionDeps {
  readonly topics: Topics;
  readonly accounts: GcpAccounts;
  readonly keys: GcpKeys;
  /** Where each queue is pushed to; what is pushed nowhere waits for a person. */
  readonly pushedTo: Readonly<Partial<Record<QueueName, Output<string>>>>;
}

/** One subscription for each topic, and what Pub/Sub needs to give messages up. */
export class GcpSubscriptions extends ComponentResource {
  readonly subscriptions: Readonly<Partial<Record<QueueName, gcp.pubsub.Subscription>>>;
  readonly #name: string;
  readonly #plan: Plan;
  readonly #deps: SubscriptionDeps;
  readonly #signs: gcp.serviceaccount.IAMMember;

  constructor(name: string, plan: Plan, deps: SubscriptionDeps, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Subscriptions", name, {}, opts);
    this.#name = name;
    this.#plan = plan;
    this.#deps = deps;
    this.#signs = this.#letSign();
    this.subscriptions = Object.fromEntries(plan.blueprint.queues.map((queue) => [queue.name, this.#subscribe(queue)]));
    this.registerOutputs({});
  }

  #subscribe({ name: queue, keptDays, deadLetters }: Queue): gcp.pubsub.Subscription {
    const { own, blueprint } = this.#plan;
    const subscription = new gcp.pubsub.Subscription(
      `${this.#name}-${queue}`,
      {
        name: blueprint.names.of(queue),
        topic: topicOf(this.#deps.topics, queue).id,
        ackDeadlineSeconds: own.ackDeadlineSeconds,
        messageRetentionDuration: `${String(keptDays * DAY)}s`,
        // It never expires, however long there was nothing.
        expirationPolicy: { ttl: "" },
        retryPolicy: RETRIES,
        ...this.#pushOf(queue),
        ...(deadLetters !== null && {
          deadLetterPolicy: {
            deadLetterTopic: topicOf(this.#deps.topics, deadLetters.to).id,
            maxDeliveryAttempts: Math.max(deadLetters.after, LEAST_RECEIVES),
          },
        }),
      },
      {
        parent: this,
        protect: blueprint.settings.environment === "production",
        dependsOn: [this.#signs, ...(deadLetters === null ? [] : [this.#letPublish(deadLetters.to)])],
      },
    );
    if (deadLetters !== null) this.#letTake(queue, subscription.name);
    return subscription;
  }

  #pushOf(queue: QueueName): Pick<gcp.pubsub.SubscriptionArgs, "pushConfig"> {
    const to = this.#deps.pushedTo[queue];
    if (to === undefined) return {};
    const serviceAccountEmail = this.#deps.accounts.emailOf("callers");
    const oidcToken = { serviceAccountEmail, audience: audienceOf(this.#plan.blueprint.names) };
    return { pushConfig: { pushEndpoint: interpolate`${to}/push`, oidcToken } };
  }

  /** Without it nothing is pushed: an account of Google's that was asked for by name is given nothing by itself. */
  #letSign(): gcp.serviceaccount.IAMMember {
    const { accounts, keys } = this.#deps;
    return new gcp.serviceaccount.IAMMember(
      `${this.#name}-callers-agent`,
      {
        serviceAccountId: accounts.nameOf("callers"),
        role: "roles/iam.serviceAccountTokenCreator",
        member: this.#agent(),
      },
      { parent: this, dependsOn: [keys.messages.agent] },
    );
  }

  /** Without it nothing becomes a dead letter, and nobody is told. */
  #letPublish(to: QueueName): gcp.pubsub.TopicIAMMember {
    return new gcp.pubsub.TopicIAMMember(
      `${this.#name}-${to}-agent`,
      { topic: topicOf(this.#deps.topics, to).name, role: "roles/pubsub.publisher", member: this.#agent() },
      { parent: this, dependsOn: [this.#deps.keys.messages.agent] },
    );
  }

  /** The same. */
  #letTake(from: QueueName, subscription: Input<string>): void {
    new gcp.pubsub.SubscriptionIAMMember(
      `${this.#name}-${from}-agent`,
      { subscription, role: "roles/pubsub.subscriber", member: this.#agent() },
      { parent: this, dependsOn: [this.#deps.keys.messages.agent] },
    );
  }

  #agent(): string {
    return agentMember("messages", this.#plan.own.projectNumber);
  }
}
