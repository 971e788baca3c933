import { loadConfig as loadCliConfig } from "@punctual/cli/config";
import { ENVIRONMENTS, type EnvironmentName } from "@punctual/stack-blueprint";
import type { Graph } from "@punctual/stack-testkit";
import { loadConfig } from "@punctual/standalone/config";
import { expect } from "chai";
import { memoryOf, POOL, SIZES } from "../../src/containers/sizes.js";
import { objectionsToContainers } from "../../src/containers/objections.js";
import { arnOf, blueprintFor, containersIn, IMAGES, ownSettings, REGION, TOKENS } from "./support/parts.js";
import { ownTypes, environmentIn, grantsOf, recorded } from "./support/recorded.js";

describe("Containers on AWS", () => {
  const graphOf = recorded();

  for (const environment of ENVIRONMENTS) {
    describe(`in ${environment}`, () => {
      let graph: Graph;
      before(() => (graph = graphOf(environment)));

      it("are these resources, and the same where nothing is known yet", async () => {
        const types = { ...TYPES, ...SCALED[environment] };
        expect(ownTypes(graph)).to.deep.equal(types);
        expect(ownTypes(await containersIn(environment, { preview: true }))).to.deep.equal(types);
      });

      it("give the program what its own loader takes, and nothing that it does not read", () => {
        for (const workload of ["api", "worker"] as const) {
          const told = environmentIn(graph, environment, workload);
          const config = loadConfig(told, []);
          expect(config).to.deep.include({ roles: [workload], local: false, allow: [] });
          expect(config).to.include({ otlpUrl: "http://localhost:4318", publicUrl: "https://punctual.example.com" });
          expect(config.stores).to.deep.include({
            url: URLS[workload],
            poolSize: POOL[workload],
            migrate: false,
            login: { specifier: "@punctual/adapter-aws/login", environment: told },
          });
          expect(Object.keys(told)).to.have.members([...READ_BY_ALL, ...READ_BY[workload]]);
        }
      });

      it("tell the command line whom to log in as, and no more", () => {
        const told = environmentIn(graph, environment, "migrate");
        const config = loadCliConfig(told);
        expect(config.databaseLogin?.specifier).to.equal("@punctual/adapter-aws/login");
        expect(config.databaseUrl).to.match(/^postgres:\/\/punctual_migrate@.*&options=-c%20role%3Dpunctual_owner$/);
        expect(told).to.include({ AWS_REGION: REGION });
        expect(Object.keys(told)).to.have.members([
          "AWS_REGION",
          "PUNCTUAL_HOST",
          "PUNCTUAL_DATABASE_URL",
          "PUNCTUAL_DATABASE_LOGIN",
        ]);
      });

      it("fit the database while a deployment has twice as many", () => {
        const { api, worker } = SIZES[environment];
        const connections = 2 * (api.tasks.most * POOL.api + worker.tasks.most * (POOL.worker + 1)) + MIGRATION;
        expect(connections).to.be.at.most(0.8 * CONNECTIONS[environment]);
      });
    });
  }

  it("check tokens by the keys of an issuer without a secret", async () => {
    const graph = await containersIn("dev", { tokens: TOKENS.jwks });
    const told = environmentIn(graph, "dev", "api");
    expect(loadConfig(told, []).auth).to.include({ kind: "jwks", url: "https://accounts.example.com/keys" });
    expect(told).not.to.have.property("PUNCTUAL_AUTH_SECRET");
    const read = grantsOf(graph, "punctual-dev-api-start").find(({ Action }) => Action[0]?.startsWith("secrets"));
    expect(read?.Resource).to.deep.equal([arnOf("keys")]);
  });

  it("are released by themselves, each by what a tool must know of it", () => {
    const { outputs } = graphOf("dev");
    expect(outputs["releases"]).to.deep.equal(
      ["api", "worker"].map((workload) => ({
        workload,
        kind: "ecs",
        cluster: "punctual-dev",
        service: `punctual-dev-${workload}`,
        version: arnOf(`punctual-dev-${workload}-task`),
      })),
    );
    // ECS goes back to none that is deregistered.
    const definitions = graphOf("dev").all("aws:ecs/taskDefinition:TaskDefinition");
    expect(definitions.map(({ inputs }) => inputs["skipDestroy"])).to.deep.equal([true, true, true]);
    expect(outputs["migration"]).to.deep.equal({
      cluster: "punctual-dev",
      taskDefinition: arnOf("punctual-dev-migrate-task"),
      subnets: "private-0-id,private-1-id",
      securityGroups: "workloads-id,clients-id",
    });
  });

  it("are refused without a name: there would be no certificate", () => {
    const nameless = blueprintFor("dev", { domain: "", zone: "" });
    const refused = objectionsToContainers(ownSettings(), nameless);
    expect(refused).to.deep.equal([
      "domain is needed where the runtime is containers: without one the API would answer by HTTP",
    ]);
    expect(objectionsToContainers(ownSettings(), blueprintFor("dev"))).to.be.empty;
  });

  it("are refused without images, and without a way to where an image is", () => {
    const without = { ...ownSettings(), images: undefined };
    expect(objectionsToContainers(without, blueprintFor("dev"))).to.deep.equal([
      "aws.images is needed where the runtime is containers: it says what they run",
    ]);
    expect(objectionsToContainers(ownSettings({ natGateways: 0 }), blueprintFor("dev"))).to.deep.equal([
      "aws.natGateways is 0, and aws.images.collector is in no repository of ECR",
    ]);
    const near = ownSettings({ natGateways: 0, images: { ...IMAGES, collector: IMAGES.punctual } });
    expect(objectionsToContainers(near, blueprintFor("dev"))).to.be.empty;
  });

  it("are given the least memory that Fargate has for them", () => {
    expect([memoryOf(256, 768), memoryOf(512, 512), memoryOf(1_024, 1_280)]).to.deep.equal([1_024, 1_024, 2_048]);
    expect(() => memoryOf(256, 2_049)).to.throw(RangeError, "2049 MB");
  });
});

const READ_BY_ALL = [
  "AWS_REGION",
  "PUNCTUAL_HOST",
  "PUNCTUAL_ROLES",
  "PUNCTUAL_DATABASE_URL",
  "PUNCTUAL_DATABASE_LOGIN",
  "PUNCTUAL_DATABASE_POOL",
  "PUNCTUAL_SECRET_KEYS",
  "PUNCTUAL_LOG_LEVEL",
  "PUNCTUAL_OTLP_URL",
  "PUNCTUAL_PUBLIC_URL",
  "PUNCTUAL_DRAIN_SECONDS",
];
const READ_BY = {
  api: ["PUNCTUAL_AUTH", "PUNCTUAL_AUTH_SECRET", "PUNCTUAL_AUTH_ISSUER", "PUNCTUAL_AUTH_AUDIENCE"],
  worker: [],
};

/** What PostgreSQL of the usual classes lets in, by its memory. */
const CONNECTIONS: Readonly<Record<EnvironmentName, number>> = { dev: 81, staging: 189, production: 405 };
const MIGRATION = 3;

/** Whoever sees to partitions makes and drops tables, and the API does not. */
const URLS = {
  api: "postgres://punctual_api@punctual.abc.eu-west-1.rds.amazonaws.com:5432/punctual?uselibpqcompat=true&sslmode=require",
  worker:
    "postgres://punctual_worker@punctual.abc.eu-west-1.rds.amazonaws.com:5432/punctual?uselibpqcompat=true&sslmode=require&options=-c%20role%3Dpunctual_owner",
};

/** Of the worker: steps both ways, and what goes by the processor; of the API two that track. */
const WORKERS = {
  "aws:appautoscaling/policy:Policy": 3,
  "aws:appautoscaling/target:Target": 1,
  "aws:cloudwatch/metricAlarm:MetricAlarm": 6,
  "punctual:aws:WorkerScaling": 1,
};
const SCALED: Readonly<Record<EnvironmentName, Readonly<Record<string, number>>>> = {
  dev: {},
  staging: WORKERS,
  production: {
    ...WORKERS,
    "aws:appautoscaling/policy:Policy": 5,
    "aws:appautoscaling/target:Target": 2,
    "punctual:aws:ApiScaling": 1,
  },
};

const TYPES = {
  "aws:acm/certificate:Certificate": 1,
  "aws:acm/certificateValidation:CertificateValidation": 1,
  "aws:cloudwatch/logGroup:LogGroup": 4,
  "aws:cloudwatch/metricAlarm:MetricAlarm": 4,
  "aws:ec2/securityGroup:SecurityGroup": 2,
  "aws:ecs/cluster:Cluster": 1,
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": 1,
  "aws:ecs/service:Service": 2,
  "aws:ecs/taskDefinition:TaskDefinition": 3,
  "aws:iam/role:Role": 7,
  "aws:iam/rolePolicy:RolePolicy": 6,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 1,
  "aws:lb/listener:Listener": 2,
  "aws:lb/listenerRule:ListenerRule": 1,
  "aws:lb/loadBalancer:LoadBalancer": 1,
  "aws:lb/targetGroup:TargetGroup": 2,
  "aws:route53/record:Record": 2,
  "aws:s3/bucket:Bucket": 1,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 1,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": 1,
  "aws:s3/bucketPolicy:BucketPolicy": 1,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 1,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 1,
  "aws:s3/bucketVersioning:BucketVersioning": 1,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": 1,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 3,
  "punctual:aws:AccessLogs": 1,
  "punctual:aws:ApiLoadBalancer": 1,
  "punctual:aws:ApiService": 1,
  "punctual:aws:ContainerTask": 3,
  "punctual:aws:Containers": 1,
  "punctual:aws:NamedCertificate": 1,
  "punctual:aws:PrivateBucket": 1,
  "punctual:aws:WorkerService": 1,
};
