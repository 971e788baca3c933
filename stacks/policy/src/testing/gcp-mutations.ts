import { at, isMissing, textOf } from "../reading.js";
import { altered, type Find, forgotten, given, type Mutation, reworded } from "./mutation.js";

const provider = "pulumi:providers:gcp";
const platform = "punctual:gcp:Platform";
const stack = "pulumi:pulumi:Stack";
const service = "gcp:cloudrunv2/service:Service";
const pool = "gcp:cloudrunv2/workerPool:WorkerPool";
const job = "gcp:cloudscheduler/job:Job";
const topic = "gcp:pubsub/topic:Topic";
const subscription = "gcp:pubsub/subscription:Subscription";
const transport = "gcp:redis/instance:Instance";
const instance = "gcp:sql/databaseInstance:DatabaseInstance";
const bucket = "gcp:storage/bucket:Bucket";
const alert = "gcp:monitoring/alertPolicy:AlertPolicy";
const member = "gcp:cloudrunv2/serviceIamMember:ServiceIamMember";
const version = "gcp:secretmanager/secretVersion:SecretVersion";

const laterService: Find = [service, (one, graph) => graph.all(service).indexOf(one) > 0];
const pushed: Find = [subscription, ({ inputs }) => !isMissing(inputs["pushConfig"])];
const ofPushes: Find = [
  "gcp:serviceaccount/account:Account",
  (one, graph) => graph.all(subscription).some((each) => graph.sourcesOf(each, "pushConfig").includes(one)),
];
const signs: Find = [
  "gcp:serviceaccount/iAMMember:IAMMember",
  ({ inputs }) => /gcp-sa-pubsub/.test(String(inputs["member"])),
];
const redrives: Find = [subscription, ({ inputs }) => !isMissing(inputs["deadLetterPolicy"])];
const ofDeadLetters: Find = [
  subscription,
  (one, graph) =>
    graph
      .all(subscription)
      .some((other) =>
        graph.sourcesOf(other, "deadLetterPolicy").some((each) => graph.sourcesOf(one, "topic").includes(each)),
      ),
];
const ticked: Find = [
  service,
  (one, graph) => graph.all(job).some((each) => graph.sourcesOf(each, "httpTarget").includes(one)),
];
const privately: Find = [member, ({ inputs }) => inputs["member"] !== "allUsers"];
const split: Find = [service, ({ inputs }) => !isMissing(at(inputs, "traffics.1"))];
const isAbout = (what: RegExp): Find => [alert, ({ inputs }) => what.test(JSON.stringify(inputs))];
const armor: Find = ["gcp:compute/securityPolicy:SecurityPolicy", ({ inputs }) => !isMissing(inputs["rules"])];
const toProxy = "gcp:compute/targetHttpProxy:TargetHttpProxy";
const redirect: Find = [
  "gcp:compute/uRLMap:URLMap",
  (one, graph) => graph.all(toProxy).some((each) => graph.sourcesOf(each, "urlMap").includes(one)),
];
const withSecret: Find = [
  service,
  ({ inputs }) => JSON.stringify(at(inputs, "template.containers")).includes("secretKeyRef"),
];

export const GCP_MUTATIONS: readonly Mutation[] = [
  altered("under-platform", "made beside the platform", topic, (_, graph) => ({ parent: graph.one(stack).urn })),
  altered("names-begin-alike", "named alone", topic, () => ({ name: "events" })),
  altered(
    "names-fit",
    "so long that Pulumi has no place behind it",
    "gcp:compute/backendService:BackendService",
    ({ name }) => ({
      name: name.padEnd(56, "k"),
    }),
  ),
  altered("explicit-provider", "made by whatever provider", topic, () => ({ provider: undefined })),
  given("gcp-one-project", provider, "project", undefined),
  given("gcp-one-project", provider, "region", undefined),
  reworded("marked", provider, "defaultLabels", '"environment"', '"surroundings"'),
  given("marks-agree", topic, "labels", { environment: "test" }),
  altered("protected", "not protected", instance, () => ({ protect: false })),
  altered("protected", "not protected", topic, () => ({ protect: false })),
  altered("passwords-are-secret", "in clear", version, () => ({ secrets: [] })),
  altered(
    "pager-is-secret",
    "in clear",
    ["gcp:monitoring/notificationChannel:NotificationChannel", ({ inputs }) => inputs["type"] !== "email"],
    () => ({ secrets: [] }),
  ),
  altered("secrets-stay-secret", "repeated in a text", topic, ({ inputs }, graph) => {
    const secret = textOf(graph.all(version)[0]?.inputs["secretData"]);
    return secret === undefined ? undefined : { inputs: { ...inputs, description: `with ${secret}` } };
  }),
  altered(
    "known-types",
    "of a type that nobody knows",
    "gcp:monitoring/notificationChannel:NotificationChannel",
    () => ({
      type: "gcp:bigquery/dataset:Dataset",
    }),
  ),

  altered("gcp-own-account", "with the account of another", laterService, ({ inputs }, graph) => ({
    inputs: {
      ...inputs,
      template: {
        ...(inputs["template"] as object),
        serviceAccount: at(graph.all(service)[0]?.inputs, "template.serviceAccount"),
      },
    },
  })),
  given("gcp-own-account", service, "template.serviceAccount", undefined),
  given("gcp-own-account", pool, "template.serviceAccount", undefined),
  altered("gcp-members-alone", "takes others' away", "gcp:projects/iAMMember:IAMMember", () => ({
    type: "gcp:projects/iAMBinding:IAMBinding",
  })),
  given("gcp-narrow-roles", "gcp:projects/iAMMember:IAMMember", "role", "roles/editor"),
  given("gcp-narrow-roles", "gcp:projects/iAMMember:IAMMember", "role", "roles/pubsub.admin"),
  altered("gcp-no-keys", "as a key", "gcp:projects/iAMMember:IAMMember", () => ({
    type: "gcp:serviceaccount/key:Key",
  })),
  given("gcp-everybody", privately, "member", "allUsers"),
  altered(
    "gcp-everybody",
    "open",
    [service, ({ inputs }) => inputs["ingress"] === "INGRESS_TRAFFIC_INTERNAL_ONLY"],
    ({ inputs }) => ({ inputs: { ...inputs, invokerIamDisabled: true } }),
  ),

  given(
    "gcp-ingress",
    ["gcp:compute/firewall:Firewall", ({ inputs }) => !isMissing(inputs["allows"]) && inputs["direction"] !== "EGRESS"],
    "sourceRanges",
    ["0.0.0.0/0"],
  ),
  given("gcp-inside", service, "template.vpcAccess.networkInterfaces", []),
  given("gcp-inside", pool, "template.vpcAccess", undefined),
  given("gcp-inside", pool, "template.vpcAccess.connector", "projects/acme/locations/eu/connectors/one"),
  given("gcp-inside", "gcp:cloudrunv2/job:Job", "template.template.vpcAccess", undefined),
  given("gcp-no-public-address", instance, "settings.ipConfiguration.ipv4Enabled", true),
  given("gcp-database-private", instance, "settings.ipConfiguration.privateNetwork", undefined),
  given("gcp-flow-logs", "gcp:compute/subnetwork:Subnetwork", "logConfig", undefined),
  given("gcp-flow-logs", "gcp:compute/routerNat:RouterNat", "logConfig.enable", false),

  given("own-keys", topic, "kmsKeyName", undefined),
  given("own-keys", instance, "encryptionKeyName", undefined),
  given("own-keys", transport, "customerManagedKey", undefined),
  given("gcp-tls", transport, "transitEncryptionMode", "DISABLED"),
  given("gcp-transport-asks", transport, "authEnabled", undefined),
  given("gcp-transport-keeps", transport, "redisConfigs", { "maxmemory-policy": "allkeys-lru" }),
  given("gcp-transport-keeps", transport, "redisConfigs", undefined),
  altered("protected", "could be deleted", transport, () => ({ protect: false })),
  given(
    "own-keys",
    "gcp:secretmanager/secret:Secret",
    "replication.userManaged.replicas.0.customerManagedEncryption",
    undefined,
  ),
  given("gcp-keys-rotate", "gcp:kms/cryptoKey:CryptoKey", "rotationPeriod", undefined),
  given("gcp-keys-rotate", "gcp:kms/cryptoKey:CryptoKey", "destroyScheduledDuration", "86400s"),
  given("gcp-tls", instance, "settings.ipConfiguration.sslMode", "ALLOW_UNENCRYPTED_AND_ENCRYPTED"),
  given("gcp-tls", "gcp:compute/sSLPolicy:SSLPolicy", "minTlsVersion", "TLS_1_0"),
  given("gcp-tls", "gcp:compute/targetHttpsProxy:TargetHttpsProxy", "sslPolicy", undefined),
  given("gcp-tls", redirect, "defaultUrlRedirect", undefined, toProxy),
  given("gcp-buckets-closed", bucket, "uniformBucketLevelAccess", false),
  given("gcp-buckets-closed", bucket, "publicAccessPrevention", "inherited"),
  given("gcp-buckets-closed", bucket, "versioning", undefined),
  given("gcp-buckets-closed", bucket, "lifecycleRules", []),

  given("gcp-services-modern", service, "template.executionEnvironment", "EXECUTION_ENVIRONMENT_GEN1"),
  given("gcp-services-modern", service, "template.containers.0.resources", undefined),
  given("gcp-services-modern", service, "template.containers.0.livenessProbe", undefined),
  given("gcp-services-modern", pool, "template.containers.0.resources", undefined),
  given("gcp-services-modern", pool, "template.containers.0.livenessProbe", undefined),
  ...[service, pool].map((type) =>
    given("no-secrets-in-variables", type, "template.containers.0.envs.0", {
      name: "PUNCTUAL_AUTH_SECRET",
      value: "not-so-long",
    }),
  ),

  given("gcp-tick", job, "retryConfig.retryCount", 3),
  given("gcp-tick", job, "httpTarget.oidcToken", undefined),
  given("gcp-tick", job, "schedule", "*/5 * * * *"),
  given("gcp-tick", ticked, "template.scaling.maxInstanceCount", 2, job),
  given("gcp-push-in-time", pushed, "ackDeadlineSeconds", 10),
  given("gcp-push-with-token", pushed, "pushConfig.oidcToken", undefined),
  given("gcp-push-with-token", pushed, "retryPolicy", undefined),
  given("gcp-never-expires", subscription, "expirationPolicy", undefined),
  forgotten("gcp-dead-letters", ofDeadLetters, redrives),
  given("gcp-dead-letters", redrives, "deadLetterPolicy.maxDeliveryAttempts", 3),
  forgotten(
    "gcp-pubsub-may",
    ["gcp:pubsub/topicIAMMember:TopicIAMMember", ({ inputs }) => /gcp-sa-pubsub/.test(String(inputs["member"]))],
    redrives,
  ),
  forgotten("gcp-pubsub-may-sign", signs, ofPushes),
  given("gcp-pubsub-may-sign", signs, "role", "roles/iam.serviceAccountUser", ofPushes),
  forgotten("gcp-pubsub-may", "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember", redrives),
  forgotten("gcp-dead-letters-watched", isAbout(/dead_letter_message_count/), redrives),

  given("gcp-backups", instance, "settings.backupConfiguration.pointInTimeRecoveryEnabled", false),
  given("gcp-backups", instance, "settings.backupConfiguration.transactionLogRetentionDays", 1),
  given("gcp-backups", instance, "settings.availabilityType", "ZONAL"),
  given("gcp-backups", instance, "settings.deletionProtectionEnabled", false),
  given("gcp-no-password", instance, "settings.databaseFlags", []),
  given("gcp-no-password", "gcp:sql/user:User", "type", "BUILT_IN"),
  given("gcp-storage", instance, "settings.diskAutoresizeLimit", 0),
  given("gcp-storage", instance, "settings.insightsConfig", undefined),

  given("origins-named", bucket, "cors", [{ origins: ["*"] }]),
  given("gcp-firewall", "gcp:compute/backendService:BackendService", "securityPolicy", undefined),
  given("gcp-firewall", armor, "rules", [{ action: "allow" }]),
  given("gcp-console-headers", "gcp:compute/backendBucket:BackendBucket", "customResponseHeaders", []),
  given("index-not-cached", "gcp:storage/bucketObject:BucketObject", "cacheControl", "max-age=31536000"),

  given("gcp-traffic", split, "traffics.0.percent", 50),
  given("gcp-traffic", split, "traffics.1.tag", undefined),
  altered("gcp-traffic", "to whatever comes next", split, ({ inputs }) => ({
    inputs: {
      ...inputs,
      traffics: [
        { ...(at(inputs, "traffics.0") as object), percent: 90 },
        { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 10, tag: "next" },
      ],
    },
  })),
  given("pinned", service, "template.containers.0.image", "punctual:latest"),
  given("pinned", pool, "template.containers.0.image", "punctual:latest"),
  altered("pinned", "with the latest secret", withSecret, ({ inputs }) => ({
    inputs: JSON.parse(JSON.stringify(inputs).replace(/"version":"\d+"/, '"version":"latest"')) as typeof inputs,
  })),

  given("gcp-alarms-tell", alert, "notificationChannels", []),
  given("gcp-alarms-tell", alert, "documentation", undefined),
  given("gcp-alarms-tell", alert, "alertStrategy", undefined),
  given("gcp-alarms-tell", alert, "enabled", false),
  forgotten("dashboards", "gcp:monitoring/dashboard:Dashboard", platform),
  forgotten("heartbeat-watched", isAbout(/heartbeat/), platform),
  forgotten("certificate-watched", isAbout(/cert/), platform),
  given("budget", "gcp:billing/budget:Budget", "budgetFilter", undefined, platform),
  given("budget", "gcp:billing/budget:Budget", "thresholdRules", [], platform),
  given("sampled", "gcp:compute/subnetwork:Subnetwork", "logConfig.flowSampling", 1),
];
