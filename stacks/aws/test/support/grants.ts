import type { Need, QueueName, Workload } from "@punctual/stack-blueprint";
import type { Graph, Planned } from "@punctual/stack-testkit";

/** Actions on what they are allowed for, such as `sqs:SendMessage queue:events`. */
export type Grants = readonly string[];

interface Policy {
  readonly Statement: readonly {
    readonly Effect: string;
    readonly Action: string | readonly string[];
    readonly Resource: string | readonly string[];
  }[];
}

const listed = <T>(one: T | readonly T[]): readonly T[] => (Array.isArray(one) ? (one as readonly T[]) : [one as T]);

/** What the policies of a role allow. */
export function grantsOf(graph: Graph, role: Planned): Grants {
  const policies = graph
    .all("aws:iam/rolePolicy:RolePolicy")
    .filter((one) => graph.sourcesOf(one, "role").some(({ urn }) => urn === role.urn));
  return unique(
    policies.flatMap(({ inputs }) =>
      (JSON.parse(String(inputs["policy"])) as Policy).Statement.flatMap(({ Effect, Action, Resource }) => {
        if (Effect !== "Allow") throw new RangeError(`${role.name} has a policy that denies`);
        return listed(Action).flatMap((action) => listed(Resource).map((on) => `${action} ${labelOf(on)}`));
      }),
    ),
  );
}

/** What an ARN is of, by its words. */
const KINDS: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [/^\*$/, () => "*"],
  [/^arn:aws:rds-db:.*:dbuser:/, () => "login"],
  [/^arn:aws:logs:.*:log-group:/, () => "log"],
  [/^arn:aws:kms:.*:key\//, () => "key"],
  [/^arn:aws:ecr:.*:repository\//, () => "image"],
  [/^arn:aws:sqs:.*-(dead-letters|unreadable|events)$/, ([, queue]) => `queue:${queue ?? ""}`],
  [/^arn:aws:secretsmanager:.*-(keys|auth)(?:-\w+)*$/, ([, secret]) => `secret:${secret ?? ""}`],
];

function labelOf(arn: string): string {
  for (const [words, label] of KINDS) {
    const found = words.exec(arn);
    if (found !== null) return label(found);
  }
  throw new RangeError(`something is allowed for ${arn}`);
}

const CONSUMING = ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"];
const NETWORK = [
  "CreateNetworkInterface",
  "DeleteNetworkInterface",
  "AssignPrivateIpAddresses",
  "UnassignPrivateIpAddresses",
];
const LOOKING = ["DescribeNetworkInterfaces", "DescribeSubnets"];

/** What docs/aws.md says that each need takes, and what every function does. Said here once more, and not by what is tested. */
export function neededBy({ needs }: Workload, queuesHaveKeys: boolean): Grants {
  const has = (kind: Need["kind"]) => needs.some((need) => need.kind === kind);
  return unique([
    ...["logs:CreateLogStream log", "logs:PutLogEvents log"],
    ...["xray:PutTraceSegments *", "xray:PutTelemetryRecords *"],
    ...(has("database") ? [...NETWORK, ...LOOKING].map((action) => `ec2:${action} *`) : []),
    ...needs.flatMap(ofNeed),
    ...(has("secret") ? ["kms:Decrypt key"] : []),
    ...(queuesHaveKeys && has("publish") ? ["kms:GenerateDataKey key", "kms:Decrypt key"] : []),
    ...(queuesHaveKeys && has("consume") ? ["kms:Decrypt key"] : []),
  ]);
}

/** The same of tasks: a program by the role that it runs as, and ECS on its behalf by the role that starts it. */
export function neededInContainers({ needs, trigger }: Workload): Grants {
  const secrets = needs.flatMap((need) => (need.kind === "secret" ? [`secret:${need.secret}`] : []));
  const measures = ["logs:CreateLogStream log", "logs:PutLogEvents log"];
  const fetches = ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"];
  const runs = [
    ...(needs.some(({ kind }) => kind === "database") ? ["rds-db:connect login"] : []),
    // Its collector: what runs once and ends has none.
    ...(trigger.kind === "manual" ? [] : [...measures, "xray:PutTraceSegments *", "xray:PutTelemetryRecords *"]),
  ];
  const starts = [
    ...["logs:CreateLogStream log", "logs:PutLogEvents log"],
    ...[...fetches.map((action) => `ecr:${action} image`), "ecr:GetAuthorizationToken *"],
    ...secrets.map((secret) => `secretsmanager:GetSecretValue ${secret}`),
    ...(secrets.length > 0 ? ["kms:Decrypt key"] : []),
  ];
  const other = needs.find(({ kind }) => !["database", "secret", "egress"].includes(kind));
  if (other !== undefined) throw new RangeError(`No task is given what it takes to ${other.kind}`);
  return [...runs.map((one) => `runs: ${one}`), ...starts.map((one) => `starts: ${one}`)];
}

function ofNeed(need: Need): Grants {
  const on = (actions: readonly string[], queue: QueueName) => actions.map((action) => `sqs:${action} queue:${queue}`);
  switch (need.kind) {
    case "database":
      return ["rds-db:connect login"];
    case "publish":
      return on(["SendMessage"], need.queue);
    case "consume":
      return on(CONSUMING, need.queue);
    case "watch":
      return on(["GetQueueAttributes"], need.queue);
    case "seal":
      return ["kms:GenerateDataKey key"];
    case "open":
      return ["kms:Decrypt key"];
    case "secret":
      return [`secretsmanager:GetSecretValue secret:${need.secret}`];
    case "egress":
      return [];
  }
}

function unique(texts: readonly string[]): Grants {
  return [...new Set(texts)];
}
