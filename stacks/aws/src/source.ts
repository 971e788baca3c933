import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { mostProcessesOf } from "./connections.js";
import type { AwsFunction } from "./function.js";
import type { Plan, QueuePart } from "./parts.js";

export interface SourceArgs extends Pick<Plan, "blueprint"> {
  readonly consumer: AwsFunction;
  readonly from: QueuePart;
}

/** The most that SQS gives at once without waiting for more. */
const BATCH = 10;

/** Has Lambda take messages from a queue and call a function with them. */
export class AwsSource extends ComponentResource {
  constructor(name: string, { blueprint, consumer, from }: SourceArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Source", name, {}, opts);
    new aws.lambda.EventSourceMapping(
      `${name}-mapping`,
      {
        eventSourceArn: from.queue.arn,
        functionName: consumer.alias.arn,
        batchSize: BATCH,
        maximumBatchingWindowInSeconds: 0,
        functionResponseTypes: ["ReportBatchItemFailures"],
        // Not by reserving places: a poll that finds none counts as if the message had been taken in vain.
        scalingConfig: { maximumConcurrency: mostProcessesOf(consumer.workload, blueprint) },
      },
      { parent: this, dependsOn: [consumer.policy] },
    );
    this.registerOutputs({});
  }
}
