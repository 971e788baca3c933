import { hasCondition, refusesPlain, type Statement, statementsOf } from "../documents.js";
import { pointingAt } from "../links.js";
import { isUnknown, jsonOf, listOf, textOf } from "../reading.js";
import { amongAll, type Rule } from "../rule.js";

/** What has a policy of its own, and where that stands. */
const GUARDED: Readonly<Record<string, readonly [policy: string, input: string]>> = {
  "aws:sqs/queue:Queue": ["aws:sqs/queuePolicy:QueuePolicy", "queueUrl"],
  "aws:s3/bucket:Bucket": ["aws:s3/bucketPolicy:BucketPolicy", "bucket"],
  "aws:sns/topic:Topic": ["aws:sns/topicPolicy:TopicPolicy", "arn"],
};

const OWN_ACCOUNT = [
  ...["aws:SourceAccount", "aws:SourceArn", "aws:SourceOwner"],
  ...["aws:PrincipalAccount", "aws:PrincipalOrgID", "kms:CallerAccount"],
];

export const RESOURCES: readonly Rule[] = [
  amongAll(
    { id: "aws-tls-alone", number: 14, says: "Queues, buckets and topics refuse whoever comes without TLS." },
    Object.keys(GUARDED),
    (one, graph) => {
      const [type, input] = GUARDED[one.type] ?? ["", ""];
      const policies = [
        one.inputs["policy"],
        ...pointingAt(graph, one, type, input).map(({ inputs }) => inputs["policy"]),
      ];
      return !policies.some((policy) => isUnknown(policy) || refusesPlain(policy)) && "lets in who comes without TLS";
    },
  ),
  amongAll(
    { id: "aws-no-strangers", number: 14, says: "What has a policy of its own lets nobody in from another account." },
    [
      ...["aws:sqs/queuePolicy:QueuePolicy", "aws:s3/bucketPolicy:BucketPolicy", "aws:sns/topicPolicy:TopicPolicy"],
      ...["aws:kms/key:Key", "aws:secretsmanager/secretPolicy:SecretPolicy"],
    ],
    ({ inputs }, graph) => {
      const accounts = graph
        .all("pulumi:providers:aws")
        .flatMap((provider) => listOf(jsonOf(provider.inputs["allowedAccountIds"])).map(String));
      return statementsOf(inputs["policy"])
        .filter(({ effect }) => effect === "Allow")
        .flatMap((statement) => strangersIn(statement, accounts));
    },
  ),
];

function strangersIn(statement: Statement, accounts: readonly string[]): readonly string[] {
  return statement.principals.flatMap(([kind, who]) => {
    if (who === "*") return hasCondition(statement, ...OWN_ACCOUNT) ? [] : ["lets everybody in"];
    const [account] = /\d{12}/.exec(textOf(who) ?? "") ?? [];
    const strange = kind === "AWS" && account !== undefined && accounts.length > 0 && !accounts.includes(account);
    return strange ? [`lets ${who} in`] : [];
  });
}
