import { expect } from "chai";
import { AWS } from "../src/aws/index.js";
import { AWS_PRICES } from "../src/prices.js";
import { costOf, type Example, planned } from "./support/example.js";

const database = planned("aws:rds/instance:Instance", "database", {
  instanceClass: "db.t4g.micro",
  multiAz: true,
  allocatedStorage: 20,
});
const api = planned("aws:lambda/function:Function", "punctual-dev-api", { memorySize: 512 });
const alias = planned("aws:lambda/alias:Alias", "live", {}, { functionName: api });
const task = planned("aws:ecs/taskDefinition:TaskDefinition", "task", { cpu: "256", memory: "512" });
const service = planned("aws:ecs/service:Service", "service", { desiredCount: 2 }, { taskDefinition: task });

const EXAMPLES: readonly Example[] = [
  {
    says: "730 h × 0.045, and 10 GB × (0.045 + 0.09)",
    one: planned("aws:ec2/natGateway:NatGateway", "nat"),
    usd: 34.2,
  },
  {
    says: "the half of 10 GB where there are two",
    one: planned("aws:ec2/natGateway:NatGateway", "nat"),
    beside: [planned("aws:ec2/natGateway:NatGateway", "nat-2")],
    usd: 33.525,
  },
  { says: "730 h × 0.005", one: planned("aws:ec2/eip:Eip", "address"), usd: 3.65 },
  {
    says: "730 h × 2 zones × 0.01",
    one: planned("aws:ec2/vpcEndpoint:VpcEndpoint", "sqs", { vpcEndpointType: "Interface", subnetIds: ["a", "b"] }),
    usd: 14.6,
  },
  {
    says: "nothing for a gateway's endpoint",
    one: planned("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", { vpcEndpointType: "Gateway", routeTableIds: ["a"] }),
    usd: 0,
  },
  { says: "2 GB × 0.50", one: planned("aws:ec2/flowLog:FlowLog", "flow"), usd: 1 },
  {
    says: "730 h × (0.0225 + half a unit × 0.008 + 2 addresses × 0.005)",
    one: planned("aws:lb/loadBalancer:LoadBalancer", "door", { subnets: ["a", "b"] }),
    usd: 26.645,
  },
  { says: "730 h × 2 × 0.016, 40 GB × 0.115, 20 GB of backups × 0.095", one: database, usd: 29.86 },
  {
    says: "0.1 GB of logs × 0.50 for being looked at each minute, and 2 vCPU × 3 for long insights",
    one: planned("aws:rds/instance:Instance", "database", {
      instanceClass: "db.t4g.micro",
      allocatedStorage: 20,
      monitoringInterval: 60,
      performanceInsightsRetentionPeriod: 31,
    }),
    usd: 11.68 + 2.3 + 1.9 + 0.05 + 6,
  },
  {
    says: "10 GB × (0.095 + 0.02)",
    one: planned("aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication", "elsewhere"),
    usd: 1.15,
  },
  {
    says: "730 h × 2 vCPU × 0.015",
    one: planned("aws:rds/proxy:Proxy", "proxy"),
    beside: [database],
    usd: 21.9,
  },
  {
    says: "730 h × 8 vCPU × 0.015 before one that has eight",
    one: planned("aws:rds/proxy:Proxy", "proxy"),
    beside: [
      planned("aws:rds/instance:Instance", "database", { instanceClass: "db.m7g.2xlarge", allocatedStorage: 20 }),
    ],
    usd: 87.6,
  },
  {
    says: "10 GB × 2 × 0.095, kept and copied",
    one: planned("aws:backup/plan:Plan", "plan", { rules: [{ copyActions: [{ destinationVaultArn: "there" }] }] }),
    usd: 1.9,
  },
  { says: "1, and 100,000 requests × 0.000003", one: planned("aws:kms/key:Key", "key"), usd: 1.3 },
  { says: "1", one: planned("aws:kms/replicaKey:ReplicaKey", "copy"), usd: 1 },
  {
    says: "2 × 0.40 where it has a copy",
    one: planned("aws:secretsmanager/secret:Secret", "secret", { replicas: [{ region: "eu-central-1" }] }),
    usd: 0.8,
  },
  { says: "10 GB × 0.023", one: planned("aws:s3/bucket:Bucket", "bucket"), usd: 0.23 },
  { says: "5 GB × 0.10", one: planned("aws:ecr/repository:Repository", "images"), usd: 0.5 },
  {
    says: "730 h × 0.1 GB × 0.084",
    one: planned("aws:elasticache/serverlessCache:ServerlessCache", "cache"),
    usd: 6.132,
  },
  {
    says: "730 h × 2 × 0.0128",
    one: planned("aws:elasticache/replicationGroup:ReplicationGroup", "cache", {
      nodeType: "cache.t4g.micro",
      numCacheClusters: 2,
    }),
    usd: 18.688,
  },
  { says: "730 h × 0.75", one: planned("aws:msk/serverlessCluster:ServerlessCluster", "stream"), usd: 547.5 },
  {
    says: "1,000,000 calls × (0.0000002 + 0.1 s × 0.5 GB × 0.0000133334), and 50 metrics × 0.30",
    one: api,
    usd: 0.2 + 0.66667 + 15,
  },
  {
    says: "100,000 calls of 20 ms where nine of ten are remembered",
    one: planned("aws:lambda/function:Function", "punctual-dev-authorizer", { memorySize: 256 }),
    usd: 0.02 + 0.0066667 + 15,
  },
  {
    says: "43,800 ticks × 55 s × 0.5 GB × 0.0000133334",
    one: planned("aws:lambda/function:Function", "punctual-dev-scheduler", { memorySize: 512 }),
    usd: 0.00876 + 16.0600803 + 15,
  },
  {
    says: "43,800 ticks × 1 s where none lingers",
    one: planned("aws:lambda/function:Function", "punctual-dev-scheduler", {
      memorySize: 512,
      environment: { variables: { PUNCTUAL_SCHEDULER_LINGER_SECONDS: "0" } },
    }),
    usd: 0.00876 + 0.29200146 + 15,
  },
  {
    says: "500,000 calls of a second × 0.5 GB × 0.0000133334",
    one: planned("aws:lambda/function:Function", "punctual-dev-worker", { memorySize: 512 }),
    usd: 0.1 + 3.33335 + 15,
  },
  {
    says: "2 × 2,628,000 s × 0.5 GB × 0.0000033334",
    one: planned(
      "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
      "warm",
      { provisionedConcurrentExecutions: 2 },
      { functionName: alias },
    ),
    beside: [api, alias],
    usd: 8.7601752,
  },
  {
    says: "5 pollers × 131,400 × 0.0000004",
    one: planned("aws:lambda/eventSourceMapping:EventSourceMapping", "source"),
    usd: 0.2628,
  },
  { says: "43,800 × 0.000001", one: planned("aws:scheduler/schedule:Schedule", "tick"), usd: 0.0438 },
  { says: "3,000,000 × 0.0000004", one: planned("aws:sqs/queue:Queue", "punctual-dev-events"), usd: 1.2 },
  { says: "nothing for few", one: planned("aws:sqs/queue:Queue", "punctual-dev-dead-letters"), usd: 0 },
  {
    says: "1,460 h × (0.25 vCPU × 0.03238 + 0.5 GB × 0.00356), and 50 metrics × 0.30",
    one: service,
    beside: [task],
    usd: 11.8187 + 2.5988 + 15,
  },
  {
    says: "less on spot",
    one: planned(
      "aws:ecs/service:Service",
      "service",
      { desiredCount: 2, capacityProviderStrategies: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }] },
      { taskDefinition: task },
    ),
    beside: [task],
    usd: 1_460 * (0.25 * 0.00971 + 0.5 * 0.00107) + 15,
  },
  {
    says: "(12 + 24) × 0.07",
    one: planned("aws:ecs/cluster:Cluster", "cluster", {
      settings: [{ name: "containerInsights", value: "enhanced" }],
    }),
    beside: [service, task],
    usd: 2.52,
  },
  {
    says: "two alarms × 0.10",
    one: planned("aws:appautoscaling/policy:Policy", "policy", { policyType: "TargetTrackingScaling" }),
    usd: 0.2,
  },
  { says: "730 h × 0.10", one: planned("aws:eks/cluster:Cluster", "cluster"), usd: 73 },
  {
    says: "1,000,000 × 0.0000035, and 5 GB × 0.09",
    one: planned("aws:apigateway/restApi:RestApi", "api"),
    usd: 3.95,
  },
  {
    says: "730 h × 0.02 where it remembers",
    one: planned("aws:apigateway/stage:Stage", "stage", { cacheClusterEnabled: true, cacheClusterSize: "0.5" }),
    usd: 14.6,
  },
  {
    says: "5, 3 rules × 1, 1,000,000 × 0.0000006",
    one: planned("aws:wafv2/webAcl:WebAcl", "firewall", { scope: "REGIONAL", rules: [{}, {}, {}] }),
    usd: 8.6,
  },
  {
    says: "2 GB × 0.085, and 100,000 × 0.000001",
    one: planned("aws:cloudfront/distribution:Distribution", "console"),
    usd: 0.27,
  },
  { says: "100,000 × 0.0000001", one: planned("aws:cloudfront/function:Function", "paths"), usd: 0.01 },
  { says: "0.50", one: planned("aws:route53/zone:Zone", "zone"), usd: 0.5 },
  { says: "100 × 0.0055", one: planned("aws:cognito/userPool:UserPool", "users"), usd: 0.55 },
  { says: "0.10", one: planned("aws:cloudwatch/metricAlarm:MetricAlarm", "alarm", { period: 60 }), usd: 0.1 },
  {
    says: "0.10 for each metric that it looks at, and not for what it makes of them",
    one: planned("aws:cloudwatch/metricAlarm:MetricAlarm", "alarm", {
      metricQueries: [{ metric: { period: 60 } }, { metric: { period: 60 } }, { expression: "a / b" }],
    }),
    usd: 0.2,
  },
  {
    says: "0.30 where it looks every ten seconds",
    one: planned("aws:cloudwatch/metricAlarm:MetricAlarm", "alarm", { period: 10 }),
    usd: 0.3,
  },
  { says: "0.50", one: planned("aws:cloudwatch/compositeAlarm:CompositeAlarm", "alarm"), usd: 0.5 },
  { says: "3", one: planned("aws:cloudwatch/dashboard:Dashboard", "dashboard"), usd: 3 },
  { says: "0.30", one: planned("aws:cloudwatch/logMetricFilter:LogMetricFilter", "filter"), usd: 0.3 },
  {
    says: "the half of 4 GB × 0.50",
    one: planned("aws:cloudwatch/logGroup:LogGroup", "logs"),
    beside: [planned("aws:cloudwatch/logGroup:LogGroup", "more")],
    usd: 1,
  },
  {
    says: "5 in 100 of 2,000,000 × 0.000005",
    one: planned("aws:xray/samplingRule:SamplingRule", "sampling", { fixedRate: 0.05, reservoirSize: 0 }),
    usd: 0.5,
  },
  {
    says: "all 2,000,000 × 0.000005 where one of each second is kept",
    one: planned("aws:xray/samplingRule:SamplingRule", "sampling", { fixedRate: 0.05, reservoirSize: 1 }),
    usd: 10,
  },
  {
    says: "1,000 × 0.00002",
    one: planned("aws:sns/topicSubscription:TopicSubscription", "people", { protocol: "email" }),
    usd: 0.02,
  },
  {
    says: "8,760 runs × 0.0012",
    one: planned("aws:synthetics/canary:Canary", "probe", { schedule: { expression: "rate(5 minutes)" } }),
    usd: 10.512,
  },
  {
    says: "0.50, and 1 for HTTPS and for what it searches",
    one: planned("aws:route53/healthCheck:HealthCheck", "health", { type: "HTTPS_STR_MATCH" }),
    usd: 2.5,
  },
  { says: "0.50 alone", one: planned("aws:route53/healthCheck:HealthCheck", "health", { type: "HTTP" }), usd: 0.5 },
  {
    says: "1,000,000 × 0.000001 where it notes what is done with data",
    one: planned("aws:cloudtrail/trail:Trail", "trail", { advancedEventSelectors: [{}] }),
    usd: 1,
  },
  { says: "nothing otherwise", one: planned("aws:cloudtrail/trail:Trail", "trail"), usd: 0 },
  { says: "1,000,000 × 0.000004", one: planned("aws:guardduty/detector:Detector", "detector"), usd: 4 },
  { says: "10,000 × 0.001", one: planned("aws:securityhub/account:Account", "hub"), usd: 10 },
  { says: "500 × 0.003", one: planned("aws:cfg/recorder:Recorder", "recorder"), usd: 1.5 },
];

describe("What things cost on AWS", () => {
  for (const { says, one, beside = [], usd } of EXAMPLES) {
    it(`${one.type}: ${says}`, () => {
      expect(costOf(AWS_PRICES, one, ...beside)).to.be.closeTo(usd, 0.000_1);
    });
  }

  it("has an example of each rule", () => {
    expect(Object.keys(AWS.rules).filter((type) => !EXAMPLES.some(({ one }) => one.type === type))).to.be.empty;
  });

  it("does not say of a function that nobody is known to call what it costs", () => {
    const other = planned("aws:lambda/function:Function", "punctual-dev-other", { memorySize: 128 });

    expect(() => costOf(AWS_PRICES, other)).to.throw(TypeError, "punctual-dev-other");
  });
});
