import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Input, jsonStringify } from "@pulumi/pulumi";
import type { Keys, Plan, QueuePart } from "./parts.js";
import { policyOf, type Statement } from "./statements.js";

export interface QueueArgs extends Plan {
  /** What it is called, after the name of the installation. */
  readonly part: string;
  readonly keys: Keys;
  readonly keptDays: number;
  readonly visibilitySeconds?: number;
  /** Where a message goes that was taken too often. */
  readonly redrive?: { readonly to: aws.sqs.Queue; readonly after: number };
  /** Whether other queues may give their dead letters to it; which ones is said once they are made. */
  readonly takesDeadLetters?: boolean;
}

const DAY_SECONDS = 86_400;
/** How long a queue goes on with a data key before it asks KMS for another: it costs less so, and less depends on KMS. */
const REUSE_SECONDS = 300;

/** A standard queue that is sealed, and open to this account alone. */
export class AwsQueue extends ComponentResource implements QueuePart {
  readonly physicalName: string;
  readonly queue: aws.sqs.Queue;

  constructor(name: string, args: QueueArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Queue", name, {}, opts);
    const { blueprint, own, part, keys, keptDays, visibilitySeconds, redrive, takesDeadLetters = false } = args;
    this.physicalName = blueprint.names.of(part, 80);
    const sealedBy = queueKeyOf({ blueprint }, keys);
    this.queue = new aws.sqs.Queue(
      `${name}-queue`,
      {
        name: this.physicalName,
        messageRetentionSeconds: keptDays * DAY_SECONDS,
        ...(visibilitySeconds !== undefined && { visibilityTimeoutSeconds: visibilitySeconds }),
        ...(sealedBy === undefined
          ? { sqsManagedSseEnabled: true }
          : { kmsMasterKeyId: sealedBy.arn, kmsDataKeyReusePeriodSeconds: REUSE_SECONDS }),
        ...(redrive !== undefined && {
          redrivePolicy: jsonStringify({ deadLetterTargetArn: redrive.to.arn, maxReceiveCount: redrive.after }),
        }),
        ...(!takesDeadLetters && { redriveAllowPolicy: JSON.stringify({ redrivePermission: "denyAll" }) }),
      },
      { parent: this, protect: blueprint.defaults.precious },
    );
    new aws.sqs.QueuePolicy(
      `${name}-policy`,
      { queueUrl: this.queue.url, policy: policyOf(guardOf(this.queue.arn, own.accountId)) },
      { parent: this },
    );
    this.registerOutputs({ queue: this.queue });
  }
}

/** The key that messages are sealed with, where it is one of ours: SQS seals with its own in dev, for nothing. */
export function queueKeyOf({ blueprint }: Pick<Plan, "blueprint">, keys: Keys): aws.kms.Key | undefined {
  return blueprint.defaults.keys === "each" ? keys.messages : undefined;
}

/** Whatever else allows it: nothing in clear, and nobody of another account. */
function guardOf(queue: Input<string>, accountId: string): readonly Statement[] {
  const deny = { Effect: "Deny", Principal: "*", Action: ["sqs:*"], Resource: [queue] } as const;
  return [
    { Sid: "InClear", ...deny, Condition: { Bool: { "aws:SecureTransport": "false" } } },
    {
      Sid: "Foreign",
      ...deny,
      Condition: {
        StringNotEquals: { "aws:PrincipalAccount": accountId },
        // Services of AWS are in no account.
        BoolIfExists: { "aws:PrincipalIsAWSService": "false" },
      },
    },
  ];
}
