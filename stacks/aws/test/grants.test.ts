import { type WorkloadName, workloadsOf } from "@punctual/stack-blueprint";
import { expect } from "chai";
import { statementsFor, type Targets } from "../src/grants.js";

const TARGETS: Targets<string> = {
  region: "eu-west-1",
  logs: "its-logs",
  queues: { events: "main", "dead-letters": "dead", unreadable: "unreadable" },
  login: "login",
  secrets: { keys: "keys", auth: "auth" },
  sealing: "sealing-key",
  messagesKey: "messages-key",
  secretsKey: "secrets-key",
};

/** `action on resource`, and by which service where that is asked for. */
function may(workload: WorkloadName, scheduler: "two-stage" | "single-stage", targets = TARGETS): readonly string[] {
  const found = workloadsOf({ runtime: "serverless", scheduler }, "secret").find(({ name }) => name === workload);
  if (found === undefined) throw new RangeError(workload);
  return statementsFor(found, targets).flatMap(({ Action, Resource, Condition }) => {
    const [condition] = Object.values(Condition?.["StringEquals"] ?? {});
    const when = condition === undefined ? "" : ` by ${String(condition)}`;
    return Action.flatMap((action) => Resource.map((resource) => `${action} on ${resource}${when}`));
  });
}

const EVERY = [
  "logs:CreateLogStream on its-logs",
  "logs:PutLogEvents on its-logs",
  "xray:PutTelemetryRecords on *",
  "xray:PutTraceSegments on *",
];
const STORES = [
  ...["AssignPrivateIpAddresses", "CreateNetworkInterface", "DeleteNetworkInterface"].map((one) => `ec2:${one} on *`),
  ...["DescribeNetworkInterfaces", "DescribeSubnets", "UnassignPrivateIpAddresses"].map((one) => `ec2:${one} on *`),
  "rds-db:connect on login",
];
const KEYS = [
  "secretsmanager:GetSecretValue on keys",
  "kms:Decrypt on secrets-key by secretsmanager.eu-west-1.amazonaws.com",
];
const takes = (queue: string) => [
  ...["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"].map(
    (one) => `sqs:${one} on ${queue}`,
  ),
];
const SEALED = [
  "kms:Decrypt on messages-key by sqs.eu-west-1.amazonaws.com",
  "kms:GenerateDataKey on messages-key by sqs.eu-west-1.amazonaws.com",
];
const OPENS = ["kms:Decrypt on sealing-key by data-key"];

/** As docs/aws.md has them, beside what each function does. */
const TABLE: readonly (readonly [WorkloadName, "two-stage" | "single-stage", readonly string[]])[] = [
  [
    "api",
    "two-stage",
    [
      ...STORES,
      ...KEYS,
      ...OPENS,
      "kms:GenerateDataKey on sealing-key by data-key",
      "secretsmanager:GetSecretValue on auth",
    ],
  ],
  [
    "authorizer",
    "two-stage",
    ["secretsmanager:GetSecretValue on auth", "kms:Decrypt on secrets-key by secretsmanager.eu-west-1.amazonaws.com"],
  ],
  ["scheduler", "two-stage", [...STORES, ...KEYS, ...SEALED, "sqs:SendMessage on main"]],
  ["scheduler", "single-stage", [...STORES, ...OPENS]],
  ["worker", "two-stage", [...STORES, ...KEYS, ...SEALED, ...OPENS, ...takes("main"), "sqs:SendMessage on dead"]],
  ["dead-letters", "two-stage", [...STORES, ...KEYS, ...SEALED, ...takes("dead"), "sqs:SendMessage on unreadable"]],
  ["migrate", "two-stage", STORES],
  ["health", "two-stage", [...STORES, ...KEYS, "sqs:GetQueueAttributes on main", "sqs:GetQueueAttributes on dead"]],
];

describe("What a function may do", () => {
  for (const [workload, scheduler, wanted] of TABLE) {
    it(`is what its needs come to: ${workload}, ${scheduler}`, () => {
      expect(may(workload, scheduler)).to.have.members([...EVERY, ...wanted]);
    });
  }

  it("has nothing to do with keys of ours where SQS seals with its own", () => {
    const actions = may("worker", "two-stage", { ...TARGETS, messagesKey: undefined }).join();

    expect(actions).not.to.contain("messages-key");
  });

  it("is not said at all where what it needs is not there", () => {
    expect(() => may("worker", "two-stage", { ...TARGETS, queues: {} })).to.throw(RangeError, "a queue events");
    expect(() => may("api", "two-stage", { ...TARGETS, sealing: undefined })).to.throw(RangeError, "a key for sealing");
    expect(() => may("api", "two-stage", { ...TARGETS, secrets: {} })).to.throw(RangeError, "a secret keys");
  });
});
