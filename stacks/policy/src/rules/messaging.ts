import { queuesOf } from "@punctual/stack-blueprint";
import type { Graph, Planned } from "@punctual/stack-testkit";
import { mentions } from "../documents.js";
import { functionsOf, madeOf, pointingAt } from "../links.js";
import {
  at,
  isBelow,
  isMissing,
  isNot,
  isUncertain,
  isUnknown,
  jsonOf,
  lacks,
  listOf,
  numberOf,
  secondsOf,
  textOf,
} from "../reading.js";
import { amongAll, ofEach, type Rule } from "../rule.js";

const QUEUE = "aws:sqs/queue:Queue";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const SCHEDULE = "aws:scheduler/schedule:Schedule";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC = "gcp:pubsub/topic:Topic";
const SUBSCRIPTION = "gcp:pubsub/subscription:Subscription";
const SERVICE = "gcp:cloudrunv2/service:Service";
const ACCOUNT = "gcp:serviceaccount/account:Account";
const JOB = "gcp:cloudscheduler/job:Job";
const POLICY = "gcp:monitoring/alertPolicy:AlertPolicy";

const TIMES = 6;
/** SQS keeps nothing longer. */
const FOURTEEN_DAYS = 14 * 86_400;
/** Pub/Sub gives up no sooner. */
const LEAST_ATTEMPTS = 5;

/** How often a message is taken before it is a dead letter, by the blueprint. */
const RECEIVES = queuesOf({ runtime: "serverless", scheduler: "two-stage" }).flatMap(
  ({ deadLetters }) => deadLetters?.after ?? [],
);

export const MESSAGING: readonly Rule[] = [
  amongAll(
    {
      id: "aws-visibility",
      number: 30,
      says: "A message stays out of sight for six times what its consumer may take.",
    },
    MAPPING,
    (one, graph) => {
      const window = numberOf(one.inputs["maximumBatchingWindowInSeconds"]) ?? 0;
      const [least = 0] = functionsOf(graph, one, "functionName")
        .map(({ inputs }) => TIMES * (numberOf(inputs["timeout"]) ?? 0) + window)
        .toSorted((a, b) => b - a);
      return madeOf(graph, one, "eventSourceArn", QUEUE)
        .filter(({ inputs }) => isBelow(inputs["visibilityTimeoutSeconds"] ?? 30, least))
        .map(({ name }) => `${name} shows messages again before ${String(least)} s are over`);
    },
  ),
  amongAll(
    {
      id: "aws-dead-letters",
      number: 31,
      says: "What was taken in vain too often goes where it is kept for two weeks.",
    },
    QUEUE,
    (one, graph) => {
      const redrive = redriveOf(graph, one);
      const isLast = redrive === undefined || isTaking(graph, one);
      return [
        ...(isLast && isNot(one.inputs["messageRetentionSeconds"], FOURTEEN_DAYS)
          ? ["has no dead letters, and forgets"]
          : []),
        ...(redrive !== undefined && !isUnknown(redrive) && isNot(at(redrive, "maxReceiveCount"), ...RECEIVES)
          ? [`gives up after another number than ${RECEIVES.join()}`]
          : []),
      ];
    },
  ),
  amongAll(
    { id: "aws-redrive-limited", number: 31, says: "A queue takes dead letters from queues that it names." },
    QUEUE,
    (one, graph) => {
      if (!isTaking(graph, one)) return undefined;
      const allowed = pointingAt(graph, one, "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "queueUrl").some(
        ({ inputs }) =>
          isUnknown(inputs["redriveAllowPolicy"]) ||
          at(jsonOf(inputs["redriveAllowPolicy"]), "redrivePermission") === "byQueue",
      );
      return !allowed && "takes dead letters from anybody";
    },
  ),
  ofEach(
    {
      id: "aws-batches",
      number: 32,
      says: "A consumer says which messages of ten failed, and no more of them run than may.",
    },
    MAPPING,
    ({ inputs }) => {
      const { functionResponseTypes, batchSize } = inputs;
      return [
        ...(lacks(functionResponseTypes, "ReportBatchItemFailures") ? ["cannot say which messages failed"] : []),
        ...(!isUnknown(batchSize) && !(Number(batchSize ?? 10) <= 10) ? ["takes more than ten messages"] : []),
        ...(isMissing(at(inputs, "scalingConfig.maximumConcurrency")) ? ["runs as often as it likes"] : []),
      ];
    },
  ),
  ofEach(
    {
      id: "aws-tick",
      number: 33,
      says: "A tick comes each minute to the minute, is not tried again, and is missed aloud.",
    },
    SCHEDULE,
    ({ inputs }) => [
      ...(isNot(inputs["scheduleExpression"], "rate(1 minute)") ? ["does not come each minute"] : []),
      ...(isNot(at(inputs, "flexibleTimeWindow.mode"), "OFF") ? ["comes when it likes"] : []),
      ...(isNot(at(inputs, "target.retryPolicy.maximumRetryAttempts"), 0)
        ? ["comes again when it is late already"]
        : []),
      ...(isMissing(at(inputs, "target.deadLetterConfig.arn")) ? ["is missed by nobody"] : []),
    ],
  ),
  amongAll(
    { id: "aws-tick-once", number: 33, says: "Lambda does not try a tick again, either: it would by itself, twice." },
    SCHEDULE,
    (one, graph) =>
      functionsOf(graph, one, "target")
        .filter(
          (called) =>
            !pointingAt(
              graph,
              called,
              "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
              "functionName",
            ).some(({ inputs }) => !isNot(inputs["maximumRetryAttempts"], 0)),
        )
        .map(({ name }) => `${name} is tried again`),
  ),
  amongAll(
    {
      id: "aws-one-tick",
      number: 33,
      severity: "advisory",
      says: "Outside dev ticks follow one another: two at a time do no harm, and cost twice.",
    },
    SCHEDULE,
    (one, graph, { environment }) =>
      environment !== "dev" &&
      functionsOf(graph, one, "target").some(({ inputs }) => isNot(inputs["reservedConcurrentExecutions"], 1)) &&
      "may come to two functions at a time",
  ),
  amongAll(
    {
      id: "gcp-tick",
      number: 33,
      says: "A tick comes each minute with a token, is not tried again, and relieves the one before.",
    },
    JOB,
    (one, graph) => [
      ...(isNot(one.inputs["schedule"], "* * * * *") ? ["does not come each minute"] : []),
      ...(isNot(at(one.inputs, "retryConfig.retryCount"), 0, undefined) ? ["comes again when it is late already"] : []),
      ...(isMissing(at(one.inputs, "httpTarget.oidcToken.audience")) ? ["comes without a token"] : []),
      ...servicesOf(graph, one, "httpTarget")
        .filter(({ inputs }) => isNot(at(inputs, "template.scaling.maxInstanceCount"), 1))
        .map(({ name }) => `${name} may have two instances, and a tick would not relieve the one before`),
    ],
  ),
  amongAll(
    { id: "gcp-push-in-time", number: 34, says: "A message is not pushed again while its consumer may be at it." },
    SUBSCRIPTION,
    (one, graph) => {
      const [longest = 0] = servicesOf(graph, one, "pushConfig")
        .map(({ inputs }) => secondsOf(at(inputs, "template.timeout")) ?? 0)
        .toSorted((a, b) => b - a);
      // Ten seconds are Google's own default.
      return (
        isPushed(one) &&
        isBelow(one.inputs["ackDeadlineSeconds"] ?? 10, longest) &&
        `is pushed again before ${String(longest)} s are over`
      );
    },
  ),
  ofEach(
    {
      id: "gcp-push-with-token",
      number: 34,
      says: "What is pushed comes with a token for whom it is meant, and not at once again.",
    },
    SUBSCRIPTION,
    (one) => {
      if (!isPushed(one)) return [];
      const token = at(one.inputs, "pushConfig.oidcToken");
      return [
        ...(["serviceAccountEmail", "audience"].some((part) => isMissing(at(token, part)))
          ? ["comes without a token"]
          : []),
        ...(isMissing(at(one.inputs, "retryPolicy.minimumBackoff")) ? ["comes again at once"] : []),
      ];
    },
  ),
  ofEach(
    { id: "gcp-never-expires", number: 34, says: "A subscription that nobody has used for a while is still there." },
    SUBSCRIPTION,
    ({ inputs }) => isNot(at(inputs, "expirationPolicy.ttl"), "") && "expires",
  ),
  amongAll(
    {
      id: "gcp-dead-letters",
      number: 34,
      says: "What was pushed in vain too often goes to a topic where somebody takes it.",
    },
    SUBSCRIPTION,
    (one, graph) => {
      if (!isPushed(one)) return [];
      const letters = letterTopicsOf(graph, one);
      const isLast = madeOf(graph, one, "topic", TOPIC).some((topic) =>
        graph.all(SUBSCRIPTION).some((other) => letterTopicsOf(graph, other).includes(topic)),
      );
      if (isLast) return [];
      if (isMissing(one.inputs["deadLetterPolicy"])) return ["has no dead letters"];
      return [
        ...(isBelow(at(one.inputs, "deadLetterPolicy.maxDeliveryAttempts"), LEAST_ATTEMPTS)
          ? ["gives up too soon"]
          : []),
        ...letters
          .filter((topic) => pointingAt(graph, topic, SUBSCRIPTION, "topic").length === 0)
          .map(({ name }) => `${name} is read by nobody, and forgets at once`),
      ];
    },
  ),
  amongAll(
    { id: "gcp-pubsub-may", number: 34, says: "Pub/Sub itself may take a message and make it a dead letter." },
    SUBSCRIPTION,
    (one, graph) => {
      if (isMissing(one.inputs["deadLetterPolicy"])) return [];
      const may = (on: Planned, type: string, input: string, role: string) =>
        pointingAt(graph, on, type, input).some(
          ({ inputs }) => !isNot(inputs["role"], role) && isPubsubs(inputs["member"]),
        );
      return [
        ...(may(
          one,
          "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember",
          "subscription",
          "roles/pubsub.subscriber",
        )
          ? []
          : ["Pub/Sub may not take from it"]),
        ...letterTopicsOf(graph, one)
          .filter((topic) => !may(topic, "gcp:pubsub/topicIAMMember:TopicIAMMember", "topic", "roles/pubsub.publisher"))
          .map(({ name }) => `Pub/Sub may not write to ${name}`),
      ];
    },
  ),
  amongAll(
    {
      id: "gcp-pubsub-may-sign",
      number: 34,
      says: "Pub/Sub itself may make the tokens that it pushes with.",
    },
    ACCOUNT,
    (one, graph) =>
      pointingAt(graph, one, SUBSCRIPTION, "pushConfig").length > 0 &&
      !pointingAt(graph, one, "gcp:serviceaccount/iAMMember:IAMMember", "serviceAccountId").some(
        ({ inputs }) => !isNot(inputs["role"], "roles/iam.serviceAccountTokenCreator") && isPubsubs(inputs["member"]),
      ) &&
      "Pub/Sub may not make tokens of it",
  ),
  amongAll(
    {
      id: "aws-dead-letters-watched",
      number: 35,
      severity: "advisory",
      says: "Somebody is told of every dead letter.",
    },
    QUEUE,
    (one, graph) =>
      isTaking(graph, one) && !graph.all(ALARM).some((alarm) => isOnQueue(alarm, one)) && "is watched by nobody",
  ),
  amongAll(
    {
      id: "gcp-dead-letters-watched",
      number: 35,
      severity: "advisory",
      says: "Somebody is told of every dead letter.",
    },
    SUBSCRIPTION,
    (one, graph) => {
      if (isMissing(one.inputs["deadLetterPolicy"])) return undefined;
      const readers = letterTopicsOf(graph, one).flatMap((topic) => pointingAt(graph, topic, SUBSCRIPTION, "topic"));
      const watched = graph
        .all(POLICY)
        .some(
          (alert) =>
            (mentions(alert.inputs, /dead_letter_message_count/) && isOnSubscription(alert, one)) ||
            readers.some((reader) => isOnSubscription(alert, reader)),
        );
      return !watched && "is watched by nobody";
    },
  ),
];

function redriveOf(graph: Graph, queue: Planned): unknown {
  const [beside] = pointingAt(graph, queue, "aws:sqs/redrivePolicy:RedrivePolicy", "queueUrl");
  const policy = queue.inputs["redrivePolicy"] ?? beside?.inputs["redrivePolicy"];
  return isMissing(policy) ? undefined : jsonOf(policy);
}

function targetsOf(graph: Graph, queue: Planned): readonly Planned[] {
  const beside = pointingAt(graph, queue, "aws:sqs/redrivePolicy:RedrivePolicy", "queueUrl");
  return [queue, ...beside].flatMap((one) =>
    graph.sourcesOf(one, "redrivePolicy").filter(({ type }) => type === QUEUE),
  );
}

/** Whether others give their dead letters to it. */
function isTaking(graph: Graph, queue: Planned): boolean {
  return graph.all(QUEUE).some((other) => targetsOf(graph, other).includes(queue));
}

/** Whether it is, or may yet be, the account by which Pub/Sub does what it does by itself. */
function isPubsubs(member: unknown): boolean {
  return isUnknown(member) || mentions(member, /@gcp-sa-pubsub\./);
}

function isPushed({ inputs }: Planned): boolean {
  return !isMissing(inputs["pushConfig"]);
}

function servicesOf(graph: Graph, one: Planned, input: string): readonly Planned[] {
  return graph.sourcesOf(one, input).filter(({ type }) => type === SERVICE);
}

function letterTopicsOf(graph: Graph, subscription: Planned): readonly Planned[] {
  return graph.sourcesOf(subscription, "deadLetterPolicy").filter(({ type }) => type === TOPIC);
}

function isOnQueue({ inputs, dependencies }: Planned, { urn, inputs: queue }: Planned): boolean {
  const dimensions = [
    inputs["dimensions"],
    ...listOf(inputs["metricQueries"]).map((each) => at(each, "metric.dimensions")),
  ];
  return dimensions.some((each) => {
    const name = at(each, "QueueName");
    if (name === undefined) return false;
    return isUnknown(name) || isUnknown(queue["name"]) || name === queue["name"] || dependencies.includes(urn);
  });
}

function isOnSubscription({ inputs, dependencies }: Planned, { urn, inputs: subscription }: Planned): boolean {
  const name = textOf(subscription["name"]);
  const named = name !== undefined && mentions(inputs["conditions"], new RegExp(`subscription_id\\W+${name}\\b`));
  return named || isUncertain(inputs["conditions"]) || isUnknown(subscription["name"]) || dependencies.includes(urn);
}
