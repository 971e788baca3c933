import { at, entriesOf, isMissing, isNot, isUnknown, jsonOf, listOf, textOf, textsIn } from "../reading.js";
import { amongAll, isPlatform, ofEach, type Rule, ruled, type Stack } from "../rule.js";
import { KNOWN_TYPES, REFUSED } from "../types.js";

const isPulumis = (type: string) => type.startsWith("pulumi:");
const isRefused = (type: string) => Object.values(REFUSED).some((refused) => refused.test(type));
const isOurs = (type: string) => type.startsWith("punctual:");

/** What holds something that nobody can make again, and from which environment on. */
const PRECIOUS: Readonly<Record<string, "outside dev" | "in production">> = {
  "aws:rds/instance:Instance": "outside dev",
  "aws:kms/key:Key": "outside dev",
  "aws:secretsmanager/secret:Secret": "outside dev",
  "aws:s3/bucket:Bucket": "outside dev",
  "aws:sqs/queue:Queue": "in production",
  "aws:elasticache/replicationGroup:ReplicationGroup": "in production",
  "gcp:sql/databaseInstance:DatabaseInstance": "outside dev",
  "gcp:kms/cryptoKey:CryptoKey": "outside dev",
  "gcp:secretmanager/secret:Secret": "outside dev",
  "gcp:storage/bucket:Bucket": "outside dev",
  "gcp:pubsub/topic:Topic": "in production",
  "gcp:redis/instance:Instance": "in production",
};

const MARKS = ["project", "cloud", "environment", "owner", "cost-center", "managed-by", "repository"];

/** What a mark must say, where a stack's name says it. */
const marksOf = ({ cloud, environment }: Stack): Readonly<Record<string, string>> => ({
  cloud,
  environment,
  "managed-by": "pulumi",
});

const PASSWORD = /(?:password|secretString|secretBinary|secretData|privateKey|authToken|serviceKey)$/i;
/** Shorter ones are words that may stand anywhere. */
const SHORTEST_SECRET = 12;

export const STRUCTURE: readonly Rule[] = [
  amongAll(
    { id: "under-platform", number: 1, says: "Everything has the platform among its ancestors." },
    (type) => !isPulumis(type) && !isPlatform(type),
    (one, graph) => !graph.ancestorsOf(one).some(({ type }) => isPlatform(type)) && "has no platform above it",
  ),
  amongAll(
    { id: "names-begin-alike", number: 1, says: "Names begin with the name of the platform." },
    (type) => !isPulumis(type) && !isPlatform(type),
    (one, graph) => {
      const platform = graph.ancestorsOf(one).find(({ type }) => isPlatform(type));
      return platform !== undefined && !one.name.startsWith(`${platform.name}-`) && `is not named ${platform.name}-…`;
    },
  ),
  ofEach(
    { id: "explicit-provider", number: 2, says: "Everything is made by a provider that the program has made." },
    (type) => !isPulumis(type) && !isOurs(type),
    ({ provider, custom }) =>
      custom &&
      (provider === undefined || /::default(?:_[\w.]+)?(?:::|$)/.test(provider)) &&
      "has a provider by default",
  ),
  ofEach(
    { id: "aws-one-account", number: 2, says: "A provider works in one account and one region, and says which." },
    "pulumi:providers:aws",
    ({ inputs }) => {
      const accounts = jsonOf(inputs["allowedAccountIds"]);
      return [
        ...(isUnknown(accounts) || /^\d{12}$/.test(listOf(accounts).join()) ? [] : ["allows no account, or many"]),
        ...(isMissing(inputs["region"]) ? ["names no region"] : []),
      ];
    },
  ),
  ofEach(
    { id: "gcp-one-project", number: 2, says: "A provider works in one project and one region, and says which." },
    "pulumi:providers:gcp",
    ({ inputs }) =>
      ["project", "region"].filter((input) => isMissing(inputs[input])).map((input) => `names no ${input}`),
  ),
  ofEach(
    {
      id: "marked",
      number: 3,
      says: "Everything is marked with what it belongs to, and the marks are those of the stack.",
    },
    ["pulumi:providers:aws", "pulumi:providers:gcp"],
    ({ type, inputs }, stack) => {
      const marks = type.endsWith("aws") ? at(jsonOf(inputs["defaultTags"]), "tags") : jsonOf(inputs["defaultLabels"]);
      if (isUnknown(marks)) return [];
      return MARKS.flatMap((mark) => {
        const given = at(marks, mark);
        const wanted = marksOf(stack)[mark];
        if (isMissing(given)) return [`marks nothing with ${mark}`];
        return wanted !== undefined && isNot(given, wanted) ? [`marks everything with ${mark} ${String(given)}`] : [];
      });
    },
  ),
  ofEach(
    { id: "marks-agree", number: 3, says: "No resource says something else than the stack by a mark of its own." },
    (type) => !isPulumis(type),
    ({ inputs }, stack) =>
      Object.entries(marksOf(stack))
        .filter(([mark, wanted]) =>
          ["tags", "labels"].some((kind) => isNot(at(inputs, `${kind}.${mark}`), undefined, wanted)),
        )
        .map(([mark]) => `is marked with another ${mark}`),
  ),
  ofEach(
    { id: "protected", number: 4, says: "What holds data is protected against being deleted." },
    Object.keys(PRECIOUS),
    ({ type, protect }, { environment }) =>
      !protect &&
      environment !== "dev" &&
      (PRECIOUS[type] === "outside dev" || environment === "production") &&
      "is not protected",
  ),
  ruled(
    { id: "passwords-are-secret", number: 5, says: "What is called a password, or the like, is a secret." },
    "secrets",
    (graph) =>
      graph.resources.flatMap(({ urn, inputs, secrets }) =>
        Object.keys(inputs)
          .filter(
            (input) =>
              PASSWORD.test(input) &&
              !input.startsWith("manage") &&
              typeof inputs[input] === "string" &&
              !secrets.includes(input),
          )
          .map((input) => ({ urn, message: `${input} is no secret` })),
      ),
  ),
  ruled(
    { id: "pager-is-secret", number: 5, says: "The address of a pager is a secret: whoever knows it can wake people." },
    "secrets",
    (graph) =>
      graph.resources
        .filter(
          ({ type, inputs, secrets }) =>
            (type === "aws:sns/topicSubscription:TopicSubscription" &&
              inputs["protocol"] === "https" &&
              !secrets.includes("endpoint")) ||
            (type === "gcp:monitoring/notificationChannel:NotificationChannel" &&
              isNot(inputs["type"], "email") &&
              !secrets.includes("sensitiveLabels") &&
              !secrets.includes("labels")),
        )
        .map(({ urn }) => ({ urn, message: "the address of the pager is no secret" })),
  ),
  ruled(
    { id: "secrets-stay-secret", number: 5, says: "What is secret in one place is plain in none, outputs included." },
    "secrets",
    (graph) => {
      const secrets = graph.resources.flatMap(({ inputs, secrets: names }) =>
        names.flatMap((name) => textOf(inputs[name]) ?? []).filter((text) => text.length >= SHORTEST_SECRET),
      );
      const tells = (value: unknown) => textsIn(value).some((text) => secrets.some((secret) => text.includes(secret)));
      const plain = graph.resources.flatMap(({ urn, inputs, secrets: names }) =>
        Object.keys(inputs)
          .filter((input) => !names.includes(input) && !PASSWORD.test(input) && tells(inputs[input]))
          .map((input) => ({ urn, message: `${input} tells a secret` })),
      );
      const stack = graph.resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "the stack";
      const outputs = entriesOf(graph.outputs)
        .filter(([name, value]) => !graph.secretOutputs.includes(name) && tells(value))
        .map(([name]) => ({ urn: stack, message: `the output ${name} tells a secret` }));
      return [...plain, ...outputs];
    },
  ),
  ofEach(
    { id: "known-types", number: 7, says: "Only such types are used as somebody has looked at." },
    (type) => !isPulumis(type) && !isOurs(type) && !KNOWN_TYPES.has(type) && !isRefused(type),
    ({ type }) => `${type} is new here: put it into stacks/policy/src/types.ts if it is meant`,
  ),
];
