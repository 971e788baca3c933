import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { QueueName } from "@punctual/stack-blueprint";
import type { GcpKeys } from "./keys.js";
import type { Plan, Topics } from "./parts.js";

/** A topic for each queue. */
export class GcpTopics extends ComponentResource {
  readonly topics: Topics;

  constructor(name: string, { own, blueprint }: Plan, keys: GcpKeys, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Topics", name, {}, opts);
    const topicOf = (queue: QueueName) =>
      new gcp.pubsub.Topic(
        `${name}-${queue}`,
        {
          name: blueprint.names.of(queue),
          kmsKeyName: keys.messages.key.id,
          messageStoragePolicy: { allowedPersistenceRegions: [own.region] },
        },
        { parent: this, protect: blueprint.settings.environment === "production", dependsOn: [keys.messages.allowed] },
      );
    this.topics = Object.fromEntries(blueprint.queues.map(({ name: queue }) => [queue, topicOf(queue)]));
    this.registerOutputs({});
  }
}

/** What is not there was not in the blueprint either. */
export function topicOf(topics: Topics, queue: QueueName): gcp.pubsub.Topic {
  const found = topics[queue];
  if (found === undefined) throw new RangeError(`there is no topic ${queue}`);
  return found;
}
