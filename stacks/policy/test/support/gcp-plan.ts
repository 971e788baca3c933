import type { Graph, Planned } from "@punctual/stack-testkit";
import { Plan } from "./planned.js";

const PROJECT = "acme-punctual";
const AGENT = "serviceAccount:service-111111111111@gcp-sa-pubsub.iam.gserviceaccount.com";
const IMAGE = `europe-west1-docker.pkg.dev/acme-artifacts/punctual/punctual@sha256:${"0".repeat(64)}`;

/** As little of a platform on Google Cloud as breaks no rule, and has something of each that rules look at. */
export function gcpPlan(environment = "production"): Graph {
  const plan = new Plan("gcp", environment, {
    project: PROJECT,
    region: "europe-west1",
    defaultLabels: JSON.stringify({
      ...{ project: "punctual", cloud: "gcp", environment, owner: "platform", "cost-center": "punctual" },
      ...{ "managed-by": "pulumi", repository: "punctual" },
    }),
  });
  plan.add("gcp:kms/cryptoKey:CryptoKey", "data", { rotationPeriod: "7776000s" }, { protect: true });
  plan.add("gcp:compute/subnetwork:Subnetwork", "services", { logConfig: { flowSampling: 0.5 } });
  plan.add("gcp:compute/routerNat:RouterNat", "nat", { logConfig: { enable: true, filter: "ERRORS_ONLY" } });
  plan.add("gcp:compute/firewall:Firewall", "inside", {
    ...{ direction: "INGRESS", sourceRanges: ["10.0.0.0/8"], allows: [{ protocol: "tcp" }] },
  });
  plan.add(
    "gcp:secretmanager/secret:Secret",
    "keys",
    { replication: { userManaged: { replicas: [{ customerManagedEncryption: { kmsKeyName: "key" } }] } } },
    { protect: true },
  );
  plan.add(
    "gcp:secretmanager/secretVersion:SecretVersion",
    "keys",
    { secretData: "c2VjcmV0LWtleXMtb2YtcHVuY3R1YWw=" },
    { secrets: ["secretData"] },
  );
  database(plan);

  const channel = plan.add("gcp:monitoring/notificationChannel:NotificationChannel", "mail", { type: "email" });
  plan.add(
    "gcp:monitoring/notificationChannel:NotificationChannel",
    "pager",
    { type: "pagerduty", sensitiveLabels: { serviceKey: "key-of-the-pager" } },
    { secrets: ["sensitiveLabels"] },
  );
  const alert = (part: string, condition: object) =>
    plan.add(
      "gcp:monitoring/alertPolicy:AlertPolicy",
      part,
      {
        ...{ displayName: part, conditions: [condition], notificationChannels: ["mail"] },
        ...{ documentation: { content: "What to do" }, alertStrategy: { autoClose: "1800s" } },
      },
      { from: { notificationChannels: [channel] } },
    );

  const account = (part: string) => plan.add("gcp:serviceaccount/account:Account", part, { accountId: part });
  const callers = account("callers");
  const vpcAccess = { networkInterfaces: [{ network: "vpc", subnetwork: "subnet" }], egress: "PRIVATE_RANGES_ONLY" };
  const containerOf = (part: string) => ({
    image: IMAGE,
    resources: { limits: { cpu: "1", memory: "512Mi" } },
    startupProbe: { httpGet: { path: "/health/live" } },
    livenessProbe: { httpGet: { path: "/health/live" } },
    envs: [
      { name: "PUNCTUAL_LOG_LEVEL", value: "info" },
      { name: "PUNCTUAL_DATABASE_URL", value: `postgres://${part}%40${PROJECT}.iam@10.0.0.3/punctual` },
      { name: "PUNCTUAL_SECRET_KEYS", valueSource: { secretKeyRef: { secret: "keys", version: "1" } } },
      { name: "PUNCTUAL_CORS_ORIGINS", value: "https://console.example.com" },
    ],
  });
  const service = (part: string, timeout: string, most: number, ingress: string) =>
    plan.add(
      "gcp:cloudrunv2/service:Service",
      part,
      {
        name: part,
        ingress,
        template: {
          ...{ timeout, executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2", scaling: { maxInstanceCount: most } },
          serviceAccount: `${part}@${PROJECT}.iam.gserviceaccount.com`,
          ...{ vpcAccess, containers: [containerOf(part)] },
        },
        traffics: [
          { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision: `${part}-1`, percent: 90 },
          { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision: `${part}-2`, percent: 10, tag: "canary" },
        ],
      },
      { from: { template: [account(part)] } },
    );
  const api = service("api", "300s", 50, "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER");
  const scheduler = service("scheduler", "180s", 1, "INGRESS_TRAFFIC_INTERNAL_ONLY");
  const worker = service("worker", "75s", 10, "INGRESS_TRAFFIC_INTERNAL_ONLY");
  const letting = service("dead-letters", "60s", 1, "INGRESS_TRAFFIC_INTERNAL_ONLY");
  plan.add(
    "gcp:cloudrunv2/job:Job",
    "migrate",
    { template: { template: { serviceAccount: "migrate", vpcAccess, containers: [{ image: IMAGE, envs: [] }] } } },
    { from: { template: [account("migrate")] } },
  );
  plan.add(
    "gcp:cloudrunv2/workerPool:WorkerPool",
    "runner",
    { name: "runner", template: { serviceAccount: "runner", vpcAccess, containers: [containerOf("runner")] } },
    { from: { template: [account("runner")] } },
  );
  for (const [part, one, member] of [
    ["api", api, "allUsers"],
    ["worker", worker, "serviceAccount:callers"],
  ] as const) {
    plan.add(
      "gcp:cloudrunv2/serviceIamMember:ServiceIamMember",
      part,
      { name: part, role: "roles/run.invoker", member },
      { from: { name: [one], ...(part === "worker" && { member: [callers] }) } },
    );
  }
  plan.add("gcp:projects/iAMMember:IAMMember", "worker-database", {
    ...{ role: "roles/cloudsql.instanceUser", member: "serviceAccount:worker" },
  });
  plan.add(
    "gcp:cloudscheduler/job:Job",
    "tick",
    {
      ...{ schedule: "* * * * *", attemptDeadline: "180s", retryConfig: { retryCount: 0 } },
      httpTarget: { uri: "scheduler/tick", oidcToken: { serviceAccountEmail: "callers", audience: "punctual" } },
    },
    { from: { httpTarget: [scheduler, callers] } },
  );
  messages(plan, worker, letting, callers);
  alert("dead-letters", {
    conditionThreshold: {
      filter:
        'metric.type = "pubsub.googleapis.com/subscription/dead_letter_message_count" AND resource.label.subscription_id = "events"',
    },
  });
  alert("heartbeat", { conditionAbsent: { filter: "punctual_heartbeat_timestamp_seconds" } });
  alert("certificate", { conditionThreshold: { filter: "time_until_ssl_cert_expires" } });
  front(plan);

  for (const part of ["operations", "business", "cost"]) plan.add("gcp:monitoring/dashboard:Dashboard", part, {});
  plan.add("gcp:billing/budget:Budget", "month", {
    ...{ budgetFilter: { labels: { environment } }, thresholdRules: [{ thresholdPercent: 0.8 }] },
  });
  return plan.graph;
}

function database(plan: Plan): void {
  plan.add(
    "gcp:redis/instance:Instance",
    "transport",
    {
      ...{ customerManagedKey: "key", transitEncryptionMode: "SERVER_AUTHENTICATION", authEnabled: true },
      redisConfigs: { "maxmemory-policy": "noeviction" },
    },
    { protect: true },
  );
  plan.add(
    "gcp:sql/databaseInstance:DatabaseInstance",
    "database",
    {
      encryptionKeyName: "key",
      deletionProtection: true,
      settings: {
        ...{
          availabilityType: "REGIONAL",
          deletionProtectionEnabled: true,
          diskAutoresize: true,
          diskAutoresizeLimit: 200,
        },
        ipConfiguration: { ipv4Enabled: false, privateNetwork: "network", sslMode: "ENCRYPTED_ONLY" },
        backupConfiguration: {
          ...{ enabled: true, pointInTimeRecoveryEnabled: true, transactionLogRetentionDays: 7 },
          backupRetentionSettings: { retainedBackups: 7 },
        },
        databaseFlags: [{ name: "cloudsql.iam_authentication", value: "on" }],
        insightsConfig: { queryInsightsEnabled: true },
      },
    },
    { protect: true },
  );
  plan.add("gcp:sql/user:User", "worker", { name: "worker", type: "CLOUD_IAM_SERVICE_ACCOUNT" });
}

/** Topics and their subscriptions. */
function messages(plan: Plan, worker: Planned, letting: Planned, callers: Planned): void {
  const topic = (part: string) =>
    plan.add("gcp:pubsub/topic:Topic", part, { name: part, kmsKeyName: "key" }, { protect: true });
  const [events, letters, unreadable] = [topic("events"), topic("dead-letters"), topic("unreadable")];
  const pushed = (part: string, of: Planned, to: Planned, deadLetters?: Planned) =>
    plan.add(
      "gcp:pubsub/subscription:Subscription",
      part,
      {
        ...{ name: part, topic: part, ackDeadlineSeconds: 600, expirationPolicy: { ttl: "" } },
        pushConfig: {
          pushEndpoint: `${part}/push`,
          oidcToken: { serviceAccountEmail: "callers", audience: "punctual" },
        },
        retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
        ...(deadLetters && { deadLetterPolicy: { deadLetterTopic: "dead-letters", maxDeliveryAttempts: 5 } }),
      },
      { from: { topic: [of], pushConfig: [to, callers], ...(deadLetters && { deadLetterPolicy: [deadLetters] }) } },
    );
  const main = pushed("events", events, worker, letters);
  pushed("dead-letters", letters, letting);
  plan.add(
    "gcp:pubsub/subscription:Subscription",
    "unreadable",
    { name: "unreadable", topic: "unreadable", expirationPolicy: { ttl: "" } },
    { from: { topic: [unreadable] } },
  );
  plan.add(
    "gcp:serviceaccount/iAMMember:IAMMember",
    "agent",
    { serviceAccountId: "callers", role: "roles/iam.serviceAccountTokenCreator", member: AGENT },
    { from: { serviceAccountId: [callers] } },
  );
  plan.add(
    "gcp:pubsub/topicIAMMember:TopicIAMMember",
    "agent",
    { topic: "dead-letters", role: "roles/pubsub.publisher", member: AGENT },
    { from: { topic: [letters] } },
  );
  plan.add(
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember",
    "agent",
    { subscription: "events", role: "roles/pubsub.subscriber", member: AGENT },
    { from: { subscription: [main] } },
  );
}

function front(plan: Plan): void {
  const armor = plan.add("gcp:compute/securityPolicy:SecurityPolicy", "api", { rules: [{ action: "throttle" }] });
  plan.add(
    "gcp:compute/backendService:BackendService",
    "api",
    { loadBalancingScheme: "EXTERNAL_MANAGED", securityPolicy: "armor" },
    { from: { securityPolicy: [armor] } },
  );
  const beside = plan.add("gcp:compute/securityPolicy:SecurityPolicy", "beside", {});
  plan.add(
    "gcp:compute/securityPolicyRule:SecurityPolicyRule",
    "beside",
    { action: "throttle" },
    { from: { securityPolicy: [beside] } },
  );
  const tls = plan.add("gcp:compute/sSLPolicy:SSLPolicy", "api", { minTlsVersion: "TLS_1_2", profile: "MODERN" });
  plan.add(
    "gcp:compute/targetHttpsProxy:TargetHttpsProxy",
    "api",
    { sslPolicy: "modern" },
    { from: { sslPolicy: [tls] } },
  );
  const redirect = plan.add("gcp:compute/uRLMap:URLMap", "redirect", { defaultUrlRedirect: { httpsRedirect: true } });
  plan.add(
    "gcp:compute/targetHttpProxy:TargetHttpProxy",
    "redirect",
    { urlMap: "redirect" },
    { from: { urlMap: [redirect] } },
  );
  plan.add("gcp:compute/managedSslCertificate:ManagedSslCertificate", "api", {});
  plan.add(
    "gcp:storage/bucket:Bucket",
    "console",
    {
      ...{ uniformBucketLevelAccess: true, publicAccessPrevention: "enforced", versioning: { enabled: true } },
      lifecycleRules: [{ action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 7 } }],
      encryption: { defaultKmsKeyName: "key" },
      cors: [{ origins: ["https://console.example.com"] }],
    },
    { protect: true },
  );
  plan.add("gcp:storage/bucketObject:BucketObject", "index", { name: "index.html", cacheControl: "no-cache" });
  plan.add("gcp:compute/backendBucket:BackendBucket", "console", {
    customResponseHeaders: [
      ...["Strict-Transport-Security: max-age=31536000", "Content-Security-Policy: default-src 'self'"],
      ...["X-Content-Type-Options: nosniff", "X-Frame-Options: DENY"],
    ],
  });
  plan.add("gcp:artifactregistry/repository:Repository", "punctual", { kmsKeyName: "key" });
}
