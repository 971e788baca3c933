import { Graph, type Planned, UNKNOWN } from "@punctual/stack-testkit";
import { expect } from "chai";
import { type Linted, lint } from "./lint.js";
import { templateOf } from "./template.js";

const ROLE = "arn:aws:iam::111111111111:role/punctual-dev-worker";
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
});
const allowing = (action: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: action, Resource: "arn:aws:sqs:eu-west-1:111111111111:events" }],
  });

/** Some of a platform, with the values that a test changes. */
function platform({ runtime = "nodejs24.x", memory = 512, action = "sqs:ReceiveMessage", db = "db.t4g.micro" }): Graph {
  return new Graph([
    planned("aws:lambda/function:Function", "worker", {
      name: "punctual-dev-worker",
      runtime,
      handler: "index.handler",
      architectures: ["arm64"],
      memorySize: memory,
      timeout: 120,
      role: ROLE,
      environment: { variables: { PUNCTUAL_LOG_LEVEL: "debug" } },
      publish: true,
    }),
    planned("aws:iam/role:Role", "worker-role", { assumeRolePolicy: trust }),
    planned("aws:iam/rolePolicy:RolePolicy", "worker-policy", { role: "worker", policy: allowing(action) }),
    planned("aws:rds/instance:Instance", "database", {
      engine: "postgres",
      engineVersion: "17.6",
      instanceClass: db,
      allocatedStorage: 20,
      storageType: "gp3",
      username: "punctual",
      manageMasterUserPassword: true,
      skipFinalSnapshot: true,
    }),
    planned("aws:sqs/queue:Queue", "events", {
      visibilityTimeoutSeconds: 720,
      redrivePolicy: JSON.stringify({
        deadLetterTargetArn: "arn:aws:sqs:eu-west-1:111111111111:dead",
        maxReceiveCount: 3,
      }),
    }),
    planned("aws:ec2/vpc:Vpc", "network", { cidrBlock: "10.20.0.0/16" }),
  ]);
}

function planned(type: string, name: string, inputs: Planned["inputs"]): Planned {
  return {
    urn: `urn:pulumi:aws-dev::punctual::${type}::${name}`,
    type,
    name,
    custom: true,
    parent: undefined,
    inputs,
    secrets: [],
    dependencies: [],
    propertyDependencies: {},
    provider: undefined,
    protect: false,
    retainOnDelete: false,
    ignoreChanges: [],
  };
}

/** Python starts slowly. */
const PATIENCE = 120_000;

describe("The values of a stack on AWS", () => {
  /** What is found, or nothing where there is nobody to find it. */
  function found(test: Mocha.Context, graph: Graph): Exclude<Linted, { skipped: string }> {
    test.timeout(PATIENCE);
    const linted = lint(graph, "eu-west-1");
    return "skipped" in linted ? test.skip() : linted;
  }

  it("are all known to AWS", function () {
    const { checked, findings } = found(this, platform({}));

    expect(findings).to.be.empty;
    // The network has no values that could be wrong.
    expect(checked).to.equal(5);
  });

  it("are told by resource and property where AWS does not know them", function () {
    const broken = { runtime: "nodejs23.x", memory: 64, action: "sqs:ReceiveMesage", db: "db.m1.small" };
    const { findings } = found(this, platform(broken));

    expect(findings.find(({ resource }) => resource === "database")?.says).to.contain("db.m1.small");
    expect(findings.map(({ resource, property }) => `${resource} ${property}`).toSorted()).to.deep.equal([
      "database DBInstanceClass",
      "worker MemorySize",
      "worker Runtime",
      "worker-policy PolicyDocument.Statement.0.Action",
    ]);
  });

  it("are not looked at where nobody can, and that is said", () => {
    expect(lint(platform({}), "eu-west-1", "cfn-lint-that-is-not-there")).to.deep.equal({
      skipped: "cfn-lint-that-is-not-there is not on the PATH",
    });
  });
});

describe("A template of a stack", () => {
  it("spells inputs as CloudFormation does, and names of ours as we do", () => {
    const { template, origin } = templateOf(platform({}));

    const [id] = [...origin].find(([, { name }]) => name === "worker") ?? [];
    expect(template.Resources[id ?? ""]).to.deep.equal({
      Type: "AWS::Lambda::Function",
      Properties: {
        FunctionName: "punctual-dev-worker",
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Architectures: ["arm64"],
        MemorySize: 512,
        Timeout: 120,
        Role: ROLE,
        Environment: { Variables: { PUNCTUAL_LOG_LEVEL: "debug" } },
        Code: { S3Bucket: "artifacts", S3Key: "function.zip" },
      },
    });
  });

  it("leaves out what is not known yet", () => {
    const graph = new Graph([
      planned("aws:cloudwatch/metricAlarm:MetricAlarm", "alarm", {
        alarmActions: [UNKNOWN],
        metricQueries: [{ id: "a", metric: { metricName: "Errors", dimensions: { FunctionName: UNKNOWN } } }],
      }),
    ]);

    expect(Object.values(templateOf(graph).template.Resources)).to.deep.equal([
      {
        Type: "AWS::CloudWatch::Alarm",
        Properties: {
          AlarmActions: [],
          Metrics: [
            { Id: "a", MetricStat: { Metric: { MetricName: "Errors", Dimensions: [{ Name: "FunctionName" }] } } },
          ],
        },
      },
    ]);
  });
});
