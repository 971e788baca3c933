import { wrongBindings } from "@punctual/functions/bindings";
import { ENVIRONMENTS } from "@punctual/stack-blueprint";
import type { Graph, Planned } from "@punctual/stack-testkit";
import { expect } from "chai";
import { statementsFor } from "../src/grants.js";
import type { Plan } from "../src/parts.js";
import { planOf, typesIn } from "./support/plans.js";
import { platformOf } from "./support/platform.js";
import { statementsIn } from "./support/policies.js";

const ACCOUNT = "111111111111";
const NAME = "punctual-functions";

const functionIn = (graph: Graph, workload: string): Planned =>
  graph.one("aws:lambda/function:Function", `${NAME}-${workload}-function`);

function environmentOf(graph: Graph, workload: string): Readonly<Record<string, string>> {
  const { environment } = functionIn(graph, workload).inputs as unknown as {
    readonly environment: { readonly variables: Readonly<Record<string, string>> };
  };
  return environment.variables;
}

/** What they and what calls them are made of. */
function partsIn(graph: Graph): Readonly<Record<string, number>> {
  const all = new Set(graph.all("punctual:aws:Functions").map(({ urn }) => urn));
  const own = graph.resources.filter((one) => graph.ancestorsOf(one).some(({ urn }) => all.has(urn)));
  const counted: Record<string, number> = {};
  for (const { type } of own) counted[type] = (counted[type] ?? 0) + 1;
  return counted;
}

const jwks = {
  kind: "jwks",
  issuer: "https://accounts.example.com/",
  audience: "punctual",
  jwksUrl: "https://accounts.example.com/keys",
};

describe("Functions", () => {
  const parts = (functions: number, sources: number, warm: number) => ({
    "aws:cloudwatch/logGroup:LogGroup": functions,
    "aws:iam/role:Role": functions + 1,
    "aws:iam/rolePolicy:RolePolicy": functions + 1,
    "aws:lambda/alias:Alias": functions,
    ...(sources > 0 && { "aws:lambda/eventSourceMapping:EventSourceMapping": sources }),
    "aws:lambda/function:Function": functions,
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": 1,
    ...(warm > 0 && { "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": warm }),
    "aws:scheduler/schedule:Schedule": 1,
    "aws:scheduler/scheduleGroup:ScheduleGroup": 1,
    "aws:sqs/queue:Queue": 1,
    "aws:sqs/queuePolicy:QueuePolicy": 1,
    "punctual:aws:Function": functions,
    "punctual:aws:Queue": 1,
    ...(sources > 0 && { "punctual:aws:Source": sources }),
    "punctual:aws:Tick": 1,
  });
  for (const environment of ENVIRONMENTS) {
    const warm = environment === "production" ? 1 : 0;
    it(`are seven in ${environment}, with what calls them; or four, where the scheduler delivers by itself`, async () => {
      for (const [settings, wanted] of [
        [{}, parts(7, 2, warm)],
        [{ scheduler: "single-stage" }, parts(4, 0, warm)],
      ] as const) {
        const graph = await platformOf({ environment, settings });
        expect(partsIn(graph)).to.deep.equal(wanted);
        expect(typesIn(await platformOf({ environment, settings }, true))).to.deep.equal(typesIn(graph));
      }
    });

    for (const settings of [
      {},
      { scheduler: "single-stage" },
      { tokens: jwks, domain: "punctual.example.com", zone: "Z1" },
      ...(environment === "dev" ? [{ corsOrigins: ["*"] }] : []),
    ]) {
      it(`are given just the variables that they read, in ${environment} with ${JSON.stringify(settings)}`, async () => {
        const { blueprint } = planOf({ environment, settings });
        const graph = await platformOf({ environment, settings });

        for (const { name } of blueprint.workloads) {
          expect(wrongBindings("aws", name, environmentOf(graph, name)), name).to.be.empty;
        }
      });

      it(`may do what their needs come to, in ${environment} with ${JSON.stringify(settings)}`, async () => {
        const plan = planOf({ environment, settings });
        const graph = await platformOf({ environment, settings });

        for (const workload of plan.blueprint.workloads) {
          const policy = graph.one("aws:iam/rolePolicy:RolePolicy", `${NAME}-${workload.name}-policy`);
          const wanted = statementsFor(workload, targetsOf(plan, workload.name));
          expect(statementsIn(policy), workload.name).to.deep.equal(wanted);
        }
      });
    }
  }

  describe("in production", () => {
    let graph: Graph;
    before(async () => {
      graph = await platformOf({ environment: "production" });
    });
    const names = ["api", "authorizer", "dead-letters", "health", "migrate", "scheduler", "worker"];

    it("have the sizes that the blueprint says, on Node for ARM, with logs of JSON and traces", () => {
      const sizes = names.map((name) => {
        const { timeout, memorySize } = functionIn(graph, name).inputs;
        return [name, timeout, memorySize];
      });
      expect(sizes).to.deep.equal([
        ["api", 29, 512],
        ["authorizer", 5, 256],
        ["dead-letters", 30, 256],
        ["health", 30, 256],
        ["migrate", 900, 256],
        ["scheduler", 90, 512],
        ["worker", 120, 512],
      ]);
      for (const name of names) {
        expect(functionIn(graph, name).inputs, name).to.deep.include({
          name: `punctual-production-${name}`,
          runtime: "nodejs24.x",
          handler: "index.handler",
          architectures: ["arm64"],
          publish: true,
          tracingConfig: { mode: "Active" },
          code: { archive: `../apps/functions/dist/lambda/${name}.zip` },
          loggingConfig: {
            logFormat: "JSON",
            logGroup: `/aws/lambda/punctual-production-${name}`,
            applicationLogLevel: "INFO",
            systemLogLevel: "INFO",
          },
        });
      }
    });

    it("have a log each that was made before them, is sealed, and outlives them", () => {
      for (const name of names) {
        const log = graph.one("aws:cloudwatch/logGroup:LogGroup", `${NAME}-${name}-log`);
        expect(log.inputs).to.deep.equal({
          name: `/aws/lambda/punctual-production-${name}`,
          retentionInDays: 7,
          kmsKeyId: "arn:aws:kms:eu-west-1:111111111111:key/punctual-keys-logs",
        });
        expect(log.retainOnDelete).to.be.true;
        expect(graph.dependsOn(functionIn(graph, name), log)).to.be.true;
      }
    });

    it("have a role each, which Lambda takes for this account alone, and no more than its own policy", () => {
      const roles = new Set(names.map((name) => functionIn(graph, name).inputs["role"]));
      expect(roles.size).to.equal(names.length);
      for (const name of names) {
        const role = graph.one("aws:iam/role:Role", `${NAME}-${name}-role`);
        expect(role.inputs).not.to.have.any.keys("managedPolicyArns", "inlinePolicies");
        const policy = graph.one("aws:iam/rolePolicy:RolePolicy", `${NAME}-${name}-policy`);
        expect(policy.inputs["role"]).to.equal(`${NAME}-${name}-role-id`);
        expect(graph.dependsOn(functionIn(graph, name), policy)).to.be.true;
        expect(statementsIn(role, "assumeRolePolicy")).to.deep.equal([
          {
            Effect: "Allow",
            Principal: { Service: "lambda.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
          },
        ]);
      }
    });

    it("stand where the database is, if they need it, and reach receivers if they call any", () => {
      const groups = Object.fromEntries(
        names.map((name) => {
          const { vpcConfig } = functionIn(graph, name).inputs as { vpcConfig?: { securityGroupIds: string[] } };
          return [name, vpcConfig?.securityGroupIds.map((id) => id.replace(/^punctual-|-id$/g, "")) ?? []];
        }),
      );
      const stores = ["network-workloads", "database-groups-clients"];
      expect(groups).to.deep.equal({
        api: [...stores, "network-senders"],
        authorizer: [],
        "dead-letters": stores,
        health: stores,
        migrate: stores,
        scheduler: stores,
        worker: [...stores, "network-senders"],
      });
    });

    it("are called by an alias, whose version the release decides", () => {
      for (const name of names) {
        const alias = graph.one("aws:lambda/alias:Alias", `${NAME}-${name}-live`);
        expect(alias.inputs).to.deep.equal({
          name: "live",
          functionName: `punctual-production-${name}`,
          functionVersion: "1",
        });
        expect(alias.ignoreChanges).to.deep.equal(["functionVersion", "routingConfig"]);
      }
    });

    it("are called with batches from queues, after they may take them, by as many as the database bears", () => {
      const sources = graph.all("aws:lambda/eventSourceMapping:EventSourceMapping");
      const source = (queue: string, name: string, maximumConcurrency: number) => ({
        eventSourceArn: `arn:aws:sqs:eu-west-1:${ACCOUNT}:punctual-production-${queue}`,
        functionName: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:punctual-production-${name}:live`,
        batchSize: 10,
        maximumBatchingWindowInSeconds: 0,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency },
      });
      expect(sources.map(({ inputs }) => inputs)).to.deep.equal([
        source("dead-letters", "dead-letters", 2),
        source("events", "worker", 100),
      ]);
      for (const [index, name] of (["dead-letters", "worker"] as const).entries()) {
        const policy = graph.one("aws:iam/rolePolicy:RolePolicy", `${NAME}-${name}-policy`);
        expect(sources[index]?.dependencies).to.include(policy.urn);
      }
    });

    it("are kept warm where requests come in, and one at a time where the minute calls", () => {
      expect(graph.one("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig").inputs).to.deep.equal({
        functionName: "punctual-production-api",
        qualifier: "live",
        provisionedConcurrentExecutions: 2,
      });
      const reserved = names.filter(
        (name) => functionIn(graph, name).inputs["reservedConcurrentExecutions"] !== undefined,
      );
      expect(reserved).to.deep.equal(["scheduler"]);
      expect(functionIn(graph, "scheduler").inputs["reservedConcurrentExecutions"]).to.equal(1);
    });

    it("may do nothing to everything, but what AWS has no narrower names for", () => {
      const wide = graph
        .all("aws:iam/rolePolicy:RolePolicy")
        .flatMap((one) => statementsIn(one))
        .filter(({ Resource }) => [Resource].flat().includes("*"))
        .map(({ Sid }) => Sid);
      expect([...new Set(wide)]).to.have.members(["Trace", "JoinNetwork"]);
      const actions = graph
        .all("aws:iam/rolePolicy:RolePolicy")
        .flatMap((one) => statementsIn(one).flatMap(({ Action }) => Action));
      expect(actions.filter((action) => action.includes("*"))).to.be.empty;
    });
  });

  it("share their places with others where the account has few", async () => {
    const dev = await platformOf({});
    const told = await platformOf({ environment: "production", own: { reserveScheduler: false } });

    for (const graph of [dev, told]) {
      expect(functionIn(graph, "scheduler").inputs["reservedConcurrentExecutions"]).to.equal(undefined);
    }
  });

  it("let everybody's pages ask where dev is told so", async () => {
    const graph = await platformOf({ settings: { corsOrigins: ["*"] } });

    expect(environmentOf(graph, "api")).to.include({ PUNCTUAL_CORS_ORIGINS: "*" });
  });

  it("say everything in dev", async () => {
    const graph = await platformOf({});

    expect(functionIn(graph, "worker").inputs["loggingConfig"]).to.deep.include({ applicationLogLevel: "DEBUG" });
    expect(environmentOf(graph, "worker")).to.deep.include({ PUNCTUAL_LOG_LEVEL: "debug" });
  });

  it("are what was uploaded, where it was", async () => {
    const uploaded = (key: string) => ({ key: `functions/${key}.zip`, version: `version-of-${key}` });
    const keys = Object.fromEntries(planOf().blueprint.workloads.map(({ name }) => [name, uploaded(name)]));
    const graph = await platformOf({ own: { artifacts: { bucket: "acme-artifacts", keys } } });

    expect(functionIn(graph, "worker").inputs).to.deep.include({
      s3Bucket: "acme-artifacts",
      s3Key: "functions/worker.zip",
      s3ObjectVersion: "version-of-worker",
    });
    expect(functionIn(graph, "worker").inputs["code"]).to.equal(undefined);
  });
});

describe("The variables of the worker", () => {
  it("are what it needs, by their names alone where they are secret", async () => {
    expect(environmentOf(await platformOf({ environment: "staging" }), "worker")).to.deep.equal({
      PUNCTUAL_LOG_LEVEL: "info",
      PUNCTUAL_DATABASE_URL:
        "postgres://punctual@punctual-staging-proxy.proxy-abc.eu-west-1.rds.amazonaws.com:5432/punctual?sslmode=verify-full",
      PUNCTUAL_DATABASE_IAM: "true",
      PUNCTUAL_TRANSPORT_QUEUE_URL: `https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/punctual-staging-events`,
      PUNCTUAL_TRANSPORT_DEAD_LETTER_URL: `https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/punctual-staging-dead-letters`,
      PUNCTUAL_KMS_KEYS: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/punctual-keys-sealing`,
      PUNCTUAL_SECRET_KEYS_ARN: `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:punctual-secrets-keys-AbCdEf`,
    });
  });
});

/** The ARNs of what was made for them, as the world of these tests says them. */
function targetsOf({ blueprint }: Plan, workload: string) {
  const { prefix } = blueprint.names;
  const shared = blueprint.defaults.keys === "shared";
  const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:${ACCOUNT}:${rest}`;
  const key = (domain: string) => arn("kms", `key/punctual-keys-${shared ? "shared" : domain}`);
  return {
    region: "eu-west-1",
    logs: arn("logs", `log-group:/aws/lambda/${prefix}-${workload}:*`),
    queues: Object.fromEntries(blueprint.queues.map(({ name }) => [name, arn("sqs", `${prefix}-${name}`)])),
    login: arn("rds-db", "dbuser:prx-0123456789/punctual"),
    secrets: {
      keys: arn("secretsmanager", "secret:punctual-secrets-keys-AbCdEf"),
      auth: arn("secretsmanager", "secret:punctual-secrets-auth-AbCdEf"),
    },
    sealing: key("sealing"),
    messagesKey: shared ? undefined : key("messages"),
    secretsKey: key("secrets"),
  };
}
