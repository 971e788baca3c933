import { expect } from "chai";
import { GCP } from "../src/gcp/index.js";
import { GCP_PRICES } from "../src/prices.js";
import { costOf, type Example, planned } from "./support/example.js";

const small = (cpuIdle: boolean, envs: readonly unknown[] = []) => ({
  resources: { limits: { cpu: "1", memory: "512Mi" }, cpuIdle },
  envs,
});
const service = (name: string, container: object, kept = 0) =>
  planned("gcp:cloudrunv2/service:Service", `punctual-dev-${name}`, {
    template: { containers: [container], scaling: { minInstanceCount: kept } },
  });
const secret = planned("gcp:secretmanager/secret:Secret", "secret", {
  replication: { userManaged: { replicas: [{ location: "a" }, { location: "b" }] } },
});
/** 4 GB × 0.50 */
const LOGS = 2;

const EXAMPLES: readonly Example[] = [
  {
    says: "1,460 h × (1 × 0.0413 + 3.75 GB × 0.007), 40 GB × 0.17, 30 GB of backups × 0.08",
    one: planned("gcp:sql/databaseInstance:DatabaseInstance", "database", {
      settings: { tier: "db-custom-1-3840", availabilityType: "REGIONAL", diskSize: 20 },
    }),
    usd: 60.298 + 38.325 + 6.8 + 2.4,
  },
  {
    says: "730 h × 0.0105 for the smallest",
    one: planned("gcp:sql/databaseInstance:DatabaseInstance", "database", {
      settings: { tier: "db-f1-micro", availabilityType: "ZONAL", diskSize: 10 },
    }),
    usd: 7.665 + 1.7 + 2.4,
  },
  { says: "0.06, and 100,000 × 0.000003", one: planned("gcp:kms/cryptoKey:CryptoKey", "key"), usd: 0.36 },
  {
    says: "2 places × 0.06",
    one: planned("gcp:secretmanager/secretVersion:SecretVersion", "version", {}, { secret }),
    beside: [secret],
    usd: 0.12,
  },
  {
    says: "0.06",
    one: planned("gcp:secretmanager/regionalSecretVersion:RegionalSecretVersion", "version"),
    usd: 0.06,
  },
  { says: "10 GB × 0.02", one: planned("gcp:storage/bucket:Bucket", "bucket"), usd: 0.2 },
  { says: "5 GB × 0.10", one: planned("gcp:artifactregistry/repository:Repository", "images"), usd: 0.5 },
  {
    says: "1,460 h × 0.031",
    one: planned("gcp:memorystore/instance:Instance", "cache", {
      nodeType: "SHARED_CORE_NANO",
      shardCount: 1,
      replicaCount: 1,
    }),
    usd: 45.26,
  },
  {
    says: "730 h × 1 GB × 0.049",
    one: planned("gcp:redis/instance:Instance", "cache", { memorySizeGb: 1 }),
    usd: 35.77,
  },
  {
    says: "a scheduler is busy for all 2,628,000 s: × (0.000024 + 0.5 GB × 0.0000025), 43,800 × 0.0000004",
    one: service("scheduler", small(true)),
    usd: 63.072 + 3.285 + 0.01752 + LOGS,
  },
  {
    says: "a scheduler whose CPU is always its own: 2,628,000 s × (0.000018 + 0.5 GB × 0.000002)",
    one: service("scheduler", small(false), 1),
    usd: 47.304 + 2.628 + LOGS,
  },
  {
    says: "and so it is where none lingers, as ticks keep its instance",
    one: service("scheduler", small(false, [{ name: "PUNCTUAL_SCHEDULER_LINGER_SECONDS", value: "0" }])),
    usd: 47.304 + 2.628 + LOGS,
  },
  {
    says: "a scheduler that does not linger: 43,800 s",
    one: service("scheduler", small(true, [{ name: "PUNCTUAL_SCHEDULER_LINGER_SECONDS", value: "0" }])),
    usd: 1.0512 + 0.05475 + 0.01752 + LOGS,
  },
  {
    says: "a scheduler of Cloud Tasks does not linger either",
    one: service("scheduler", small(true, [{ name: "PUNCTUAL_TRANSPORT", value: "cloud-tasks" }])),
    usd: 1.0512 + 0.05475 + 0.01752 + LOGS,
  },
  {
    says: "a worker: 250,000 s × (0.000024 + 0.5 GB × 0.0000025), 1,000,000 × 0.0000004",
    one: service("worker", small(true)),
    usd: 6 + 0.3125 + 0.4 + LOGS,
  },
  {
    says: "an API that has its CPU while it answers: 100,000 s, 1,000,000 × 0.0000004",
    one: service("api", small(true)),
    usd: 2.4 + 0.125 + 0.4 + 0.6 + LOGS,
  },
  {
    says: "and 262,800 requests of a probe, each of which counts as 0.1 s",
    one: service("api", small(true)),
    beside: [planned("gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig", "probe", { period: "60s" })],
    usd: 2.4 + 0.125 + 0.4 + 0.6 + LOGS + 26_280 * 0.000_025_25 + 262_800 * 0.000_000_4,
  },
  {
    says: "an API whose CPU is always its own: each request keeps it for a quarter of an hour, and so it is there all the time",
    one: service("api", small(false)),
    usd: 47.304 + 2.628 + 0.6 + LOGS,
  },
  {
    says: "who is rarely asked is there for 1,000 quarters of an hour, and 100 s",
    one: service("dead-letters", small(false)),
    usd: 900_100 * 0.000_019 + LOGS,
  },
  {
    says: "an API of which two are kept: 100,000 s busy, 5,156,000 s idle × 1.5 × 0.0000025, 5 GB × 0.12",
    one: service("api", small(true), 2),
    usd: 2.4 + 0.125 + 0.4 + 12.89 + 6.445 + 0.6 + LOGS,
  },
  {
    says: "a collector beside it: a second vCPU, and 50 × 43,800 samples × 0.00000006",
    one: planned("gcp:cloudrunv2/service:Service", "punctual-dev-worker", {
      template: { containers: [small(true), { resources: { limits: { cpu: "1000m", memory: "0.5Gi" } } }] },
    }),
    usd: 12 + 0.625 + 0.4 + 0.1314 + LOGS,
  },
  {
    says: "2,628,000 s × (0.000011244 + 1 GB × 0.000001235)",
    one: planned("gcp:cloudrunv2/workerPool:WorkerPool", "punctual-dev-worker", {
      scaling: { manualInstanceCount: 1 },
      template: { containers: [{ resources: { limits: { cpu: "1", memory: "1Gi" } } }] },
    }),
    usd: 29.549232 + 3.24558,
  },
  { says: "20 minutes", one: planned("gcp:cloudrunv2/job:Job", "migrate"), usd: 0.0228 },
  {
    says: "730 h × (0.0014 + 0.005), 10 GB × (0.045 + 0.12)",
    one: planned("gcp:compute/routerNat:RouterNat", "nat"),
    usd: 1.022 + 3.65 + 1.65,
  },
  {
    says: "2 GB of flow logs × 0.50",
    one: planned("gcp:compute/subnetwork:Subnetwork", "subnet", { logConfig: { flowSampling: 0.5 } }),
    usd: 1,
  },
  { says: "nothing without", one: planned("gcp:compute/subnetwork:Subnetwork", "subnet"), usd: 0 },
  {
    says: "the half of 730 h × 0.025 + 5 GB × 0.008, as five cost as much as one",
    one: planned("gcp:compute/globalForwardingRule:GlobalForwardingRule", "https"),
    beside: [planned("gcp:compute/globalForwardingRule:GlobalForwardingRule", "http")],
    usd: 9.145,
  },
  {
    says: "5, 3 rules × 1, 1,000,000 × 0.00000075",
    one: planned("gcp:compute/securityPolicy:SecurityPolicy", "firewall", { rules: [{}, {}, {}] }),
    usd: 8.75,
  },
  { says: "1", one: planned("gcp:compute/securityPolicyRule:SecurityPolicyRule", "rule"), usd: 1 },
  { says: "2 GB × 0.08", one: planned("gcp:compute/backendBucket:BackendBucket", "console"), usd: 0.16 },
  { says: "730 h × 2 × 0.0076", one: planned("gcp:vpcaccess/connector:Connector", "connector"), usd: 11.096 },
  { says: "0.20", one: planned("gcp:dns/managedZone:ManagedZone", "zone"), usd: 0.2 },
  {
    says: "2,000,000 KiB are 0.0018626 TiB × 40",
    one: planned("gcp:pubsub/subscription:Subscription", "punctual-dev-events"),
    usd: 0.0745058,
  },
  { says: "2,000,000 × 0.0000004", one: planned("gcp:cloudtasks/queue:Queue", "events"), usd: 0.8 },
  { says: "0.10", one: planned("gcp:cloudscheduler/job:Job", "tick"), usd: 0.1 },
  {
    says: "2 × (0.10 + 87,600 × 0.00000035)",
    one: planned("gcp:monitoring/alertPolicy:AlertPolicy", "alert", { conditions: [{}, {}] }),
    usd: 0.26132,
  },
  {
    says: "6 places × 43,800 × 0.0003",
    one: planned("gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig", "probe", { period: "60s" }),
    usd: 78.84,
  },
  { says: "5", one: planned("gcp:clouddeploy/deliveryPipeline:DeliveryPipeline", "pipeline"), usd: 5 },
  { says: "730 h × 0.10", one: planned("gcp:container/cluster:Cluster", "cluster"), usd: 73 },
];

describe("What things cost on Google Cloud", () => {
  for (const { says, one, beside = [], usd } of EXAMPLES) {
    it(`${one.type}: ${says}`, () => {
      expect(costOf(GCP_PRICES, one, ...beside)).to.be.closeTo(usd, 0.000_1);
    });
  }

  it("has an example of each rule", () => {
    expect(Object.keys(GCP.rules).filter((type) => !EXAMPLES.some(({ one }) => one.type === type))).to.be.empty;
  });
});
