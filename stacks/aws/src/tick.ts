import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { arnOf, viaService } from "./arns.js";
import type { FunctionPart, Keys, Plan } from "./parts.js";
import { AwsQueue, queueKeyOf } from "./queue.js";
import { policyOf, trustOf } from "./statements.js";

export interface TickArgs extends Plan {
  readonly keys: Keys;
  readonly scheduler: FunctionPart;
}

const KEPT_DAYS = 14;
/** A tick that is late is worth nothing: the next one does what it would have done. */
const AGE_SECONDS = 60;

/** Calls the scheduler once a minute, by EventBridge. */
export class AwsTick extends ComponentResource {
  /** Ticks that EventBridge could not bring; nobody takes them from there. */
  readonly missed: AwsQueue;
  readonly schedule: aws.scheduler.Schedule;

  constructor(name: string, { blueprint, own, keys, scheduler }: TickArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Tick", name, {}, opts);
    const { names } = blueprint;
    const child = { parent: this };
    const group = names.of("ticks", 64);
    this.missed = new AwsQueue(
      `${name}-missed`,
      { blueprint, own, keys, part: "missed-ticks", keptDays: KEPT_DAYS },
      child,
    );
    const sealedBy = queueKeyOf({ blueprint }, keys);

    const role = new aws.iam.Role(
      `${name}-role`,
      {
        assumeRolePolicy: trustOf("scheduler.amazonaws.com", own, arnOf(own, "scheduler", `schedule-group/${group}`)),
      },
      child,
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.id,
        policy: policyOf([
          {
            Sid: "CallScheduler",
            Effect: "Allow",
            Action: ["lambda:InvokeFunction"],
            Resource: [scheduler.alias.arn],
          },
          {
            Sid: "KeepMissed",
            Effect: "Allow",
            Action: ["sqs:SendMessage"],
            Resource: [this.missed.queue.arn],
          },
          ...(sealedBy === undefined
            ? []
            : [
                {
                  Sid: "SealMissed",
                  Effect: "Allow" as const,
                  Action: ["kms:Decrypt", "kms:GenerateDataKey"],
                  Resource: [sealedBy.arn],
                  Condition: { StringEquals: { "kms:ViaService": viaService(own, "sqs") } },
                },
              ]),
        ]),
      },
      child,
    );
    // EventBridge hands a tick to Lambda's own queue of calls, which would try again by itself, too.
    new aws.lambda.FunctionEventInvokeConfig(
      `${name}-calls`,
      {
        functionName: scheduler.function.name,
        qualifier: scheduler.alias.name,
        maximumRetryAttempts: 0,
        maximumEventAgeInSeconds: AGE_SECONDS,
      },
      child,
    );
    const ticks = new aws.scheduler.ScheduleGroup(`${name}-group`, { name: group }, child);
    this.schedule = new aws.scheduler.Schedule(
      `${name}-minute`,
      {
        name: names.of("tick", 64),
        groupName: ticks.name,
        description: "Hands over what is due",
        scheduleExpression: "rate(1 minute)",
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: scheduler.alias.arn,
          roleArn: role.arn,
          input: "{}",
          retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: AGE_SECONDS },
          deadLetterConfig: { arn: this.missed.queue.arn },
        },
      },
      { parent: this, dependsOn: [policy] },
    );
    this.registerOutputs({ schedule: this.schedule });
  }
}
