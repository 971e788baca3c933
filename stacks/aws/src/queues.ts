import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, jsonStringify } from "@pulumi/pulumi";
import type { Blueprint, Queue, QueueName } from "@punctual/stack-blueprint";
import type { Keys, Plan, Queues } from "./parts.js";
import { AwsQueue } from "./queue.js";
import { visibilityOf } from "./settings.js";

export interface QueuesArgs extends Plan {
  readonly keys: Keys;
}

/** The queues of the blueprint: each gives to another what was taken too often, as the blueprint says. */
export class AwsQueues extends ComponentResource {
  readonly parts: Queues;

  constructor(name: string, { blueprint, own, keys }: QueuesArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Queues", name, {}, opts);
    const made = new Map<QueueName, AwsQueue>();
    const givers = (to: QueueName) => blueprint.queues.filter(({ deadLetters }) => deadLetters?.to === to);
    const make = (one: Queue): AwsQueue => {
      const known = made.get(one.name);
      if (known !== undefined) return known;
      const { deadLetters } = one;
      const seconds = secondsOf(one.name, blueprint, (timeout) => visibilityOf(own, timeout));
      const queue = new AwsQueue(
        `${name}-${one.name}`,
        {
          blueprint,
          own,
          keys,
          part: one.name,
          keptDays: one.keptDays,
          takesDeadLetters: givers(one.name).length > 0,
          ...(seconds !== undefined && { visibilitySeconds: seconds }),
          ...(deadLetters !== null && {
            redrive: { to: make(named(blueprint, deadLetters.to)).queue, after: deadLetters.after },
          }),
        },
        { parent: this },
      );
      made.set(one.name, queue);
      return queue;
    };
    for (const one of blueprint.queues) make(one);
    for (const [to, { queue }] of made) {
      const from = givers(to).flatMap((one) => made.get(one.name)?.queue.arn ?? []);
      if (from.length === 0) continue;
      new aws.sqs.RedriveAllowPolicy(
        `${name}-${to}-from`,
        {
          queueUrl: queue.url,
          redriveAllowPolicy: jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: from }),
        },
        { parent: this },
      );
    }
    this.parts = Object.fromEntries(made);
    this.registerOutputs({ parts: this.parts });
  }
}

function named({ queues }: Blueprint, name: QueueName): Queue {
  const found = queues.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`There is no queue ${name}`);
  return found;
}

/** Left out for a queue that nobody consumes. */
function secondsOf(
  queue: QueueName,
  { workloads }: Blueprint,
  visibility: (timeoutSeconds: number) => number,
): number | undefined {
  const consumer = workloads.find(({ trigger }) => trigger.kind === "queue" && trigger.queue === queue);
  return consumer === undefined ? undefined : visibility(consumer.timeoutSeconds);
}
