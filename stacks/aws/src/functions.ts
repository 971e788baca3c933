import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { QueueName, WorkloadName } from "@punctual/stack-blueprint";
import { bindingsOf } from "./bindings.js";
import type { AwsDatabase } from "./database.js";
import { AwsFunction } from "./function.js";
import type { AwsKeys } from "./keys.js";
import type { AwsNetwork } from "./network.js";
import type { Functions, Plan, Queues } from "./parts.js";
import { queueKeyOf } from "./queue.js";
import type { AwsSecrets } from "./secrets.js";
import { AwsSource } from "./source.js";
import { AwsTick } from "./tick.js";

export interface FunctionsArgs extends Plan {
  readonly keys: AwsKeys;
  readonly network: AwsNetwork;
  readonly secrets: AwsSecrets;
  readonly database: AwsDatabase;
  readonly queues: Queues;
}

/** Every workload of the blueprint as a function, and what calls it: a queue, or the minute. */
export class AwsFunctions extends ComponentResource {
  readonly parts: Functions;

  constructor(name: string, args: FunctionsArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Functions", name, {}, opts);
    const { blueprint, own, keys, network, secrets, database, queues } = args;
    const ofQueues = <T>(of: (queue: NonNullable<Queues[QueueName]>) => T) =>
      Object.fromEntries(Object.entries(queues).map(([queue, part]) => [queue, of(part)])) as Partial<
        Record<QueueName, T>
      >;
    const made = {
      queues: ofQueues(({ queue }) => queue.url),
      secrets: secrets.arns,
      sealing: keys.sealing?.arn,
    };
    const targets = {
      queues: ofQueues(({ queue }) => queue.arn),
      secrets: secrets.arns,
      sealing: keys.sealing?.arn,
      messagesKey: queueKeyOf({ blueprint }, keys.atRest)?.arn,
      secretsKey: keys.atRest.secrets.arn,
    };
    const parts: Partial<Record<WorkloadName, AwsFunction>> = {};
    for (const workload of blueprint.workloads) {
      const { trigger } = workload;
      const login = database.loginOf(workload);
      const one = new AwsFunction(
        `${name}-${workload.name}`,
        {
          blueprint,
          own,
          workload,
          keys: keys.atRest,
          network,
          database,
          targets: { ...targets, login: login.arn },
          environment: bindingsOf(workload, blueprint.settings, { ...made, databaseUrl: login.url }),
        },
        { parent: this },
      );
      parts[workload.name] = one;
      if (trigger.kind === "minute") {
        new AwsTick(`${name}-tick`, { blueprint, own, keys: keys.atRest, scheduler: one }, { parent: this });
      }
      const from = trigger.kind === "queue" ? queues[trigger.queue] : undefined;
      if (from !== undefined) {
        new AwsSource(`${name}-${workload.name}-source`, { blueprint, consumer: one, from }, { parent: this });
      }
    }
    this.parts = parts;
    this.registerOutputs({ parts: this.parts });
  }
}
