import { type Need, needs, type QueueName, type SecretName, type Workload } from "@punctual/stack-blueprint";
import { viaService } from "./arns.js";
import { SEALING_CONTEXT } from "./keys.js";
import type { Statement } from "./statements.js";

/** ARNs of what workloads need. `T` is a text in tests, and may be known later elsewhere. */
export interface Targets<T> {
  readonly region: string;
  /** Where the workload's own logs go. */
  readonly logs: T;
  readonly queues: Readonly<Partial<Record<QueueName, T>>>;
  /** The user of the database, as IAM knows it. */
  readonly login: T;
  readonly secrets: Readonly<Partial<Record<SecretName, T>>>;
  /** The key that seals secrets of destinations. */
  readonly sealing: T | undefined;
  /** The keys of our own that messages and secrets are sealed with at rest. */
  readonly messagesKey: T | undefined;
  readonly secretsKey: T;
}

/** Everything that a workload may do: what its needs come to, and what every function does. */
export function statementsFor<T>(workload: Workload, targets: Targets<T>): readonly Statement<T | "*">[] {
  return [
    ...functionsOwn(workload, targets),
    ...workload.needs.flatMap((need) => ofNeed(need, targets)),
    ...sealedAtRest(workload, targets),
  ];
}

/** Of these actions AWS cannot say what they are done to. */
function functionsOwn<T>(workload: Workload, { logs }: Targets<T>): readonly Statement<T | "*">[] {
  return [
    allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], logs),
    allow("Trace", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
    ...(standsInNetwork(workload)
      ? [
          allow(
            "JoinNetwork",
            [
              ...["ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
              ...["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"],
            ],
            "*" as const,
          ),
        ]
      : []),
  ];
}

/** Whoever needs the database is where it is. */
export function standsInNetwork(workload: Workload): boolean {
  return needs(workload, "database");
}

const CONSUME = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];

function ofNeed<T>(need: Need, targets: Targets<T>): readonly Statement<T>[] {
  switch (need.kind) {
    case "database":
      return [allow("LogIn", ["rds-db:connect"], targets.login)];
    case "publish":
      return [allow(`Publish${pascal(need.queue)}`, ["sqs:SendMessage"], queueOf(need.queue, targets))];
    case "consume":
      return [allow(`Consume${pascal(need.queue)}`, CONSUME, queueOf(need.queue, targets))];
    case "watch":
      return [allow(`Watch${pascal(need.queue)}`, ["sqs:GetQueueAttributes"], queueOf(need.queue, targets))];
    case "seal":
      return [ofSealing("Seal", "kms:GenerateDataKey", targets)];
    case "open":
      return [ofSealing("Open", "kms:Decrypt", targets)];
    case "secret":
      return [allow(`Read${pascal(need.secret)}`, ["secretsmanager:GetSecretValue"], secretOf(need.secret, targets))];
    // By its security group.
    case "egress":
      return [];
  }
}

function ofSealing<T>(sid: string, action: string, { sealing }: Targets<T>): Statement<T> {
  return {
    ...allow(sid, [action], there(sealing, "a key for sealing")),
    Condition: { StringEquals: { [`kms:EncryptionContext:${SEALING_CONTEXT.name}`]: SEALING_CONTEXT.value } },
  };
}

/** What the services that keep messages and secrets ask of a key is asked in the name of whoever asked them. */
function sealedAtRest<T>(workload: Workload, { region, messagesKey, secretsKey }: Targets<T>): readonly Statement<T>[] {
  const publishes = needs(workload, "publish");
  const through = (sid: string, actions: readonly string[], key: T, service: string): Statement<T> => ({
    ...allow(sid, actions, key),
    Condition: { StringEquals: { "kms:ViaService": viaService({ region }, service) } },
  });
  return [
    ...(messagesKey !== undefined && (publishes || needs(workload, "consume"))
      ? [through("OpenMessages", ["kms:Decrypt", ...(publishes ? ["kms:GenerateDataKey"] : [])], messagesKey, "sqs")]
      : []),
    ...(needs(workload, "secret") ? [through("OpenSecrets", ["kms:Decrypt"], secretsKey, "secretsmanager")] : []),
  ];
}

function allow<T>(Sid: string, Action: readonly string[], resource: T): Statement<T> {
  return { Sid, Effect: "Allow", Action, Resource: [resource] };
}

function queueOf<T>(queue: QueueName, { queues }: Targets<T>): T {
  return there(queues[queue], `a queue ${queue}`);
}

function secretOf<T>(secret: SecretName, { secrets }: Targets<T>): T {
  return there(secrets[secret], `a secret ${secret}`);
}

function there<T>(target: T | undefined, what: string): T {
  if (target === undefined) throw new RangeError(`A workload needs ${what}, and there is none`);
  return target;
}

/** `dead-letters` is `DeadLetters`: a statement's name has letters and digits alone. */
function pascal(name: string): string {
  return name
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
