import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { AwsRelease } from "../../src/release/release.js";
import { canaryAlarm, shiftOf } from "../../src/release/shift.js";
import { strangerIn } from "../support/known-metric.js";
import { json, partsOf, planFor, planned, remembered } from "../support/parts.js";

const GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

const made = remembered(async (environment: "dev" | "production", raw: object = {}) => {
  const plan = planFor(environment, raw as never);
  const graphs = await planned(() => {
    const { functions } = partsOf(plan);
    const release = new AwsRelease("punctual-release", { plan, functions, alerts: new aws.sns.Topic("alerts", {}) });
    return { targets: release.targets };
  });
  return { ...graphs, plan };
});

const released = ["api", "authorizer", "scheduler", "worker", "dead-letters"];

describe("The release", () => {
  it("registers the same where nothing is known yet", async () => {
    for (const environment of ["dev", "production"] as const) {
      const { graph, unknown } = await made(environment);
      expect(unknown.types()).to.deep.equal(graph.types());
    }
  });

  it("has a group for each function that has traffic, and tells the tool of them", async () => {
    const { graph } = await made("production");

    expect(graph.all(GROUP).map(({ inputs }) => inputs["deploymentGroupName"])).to.have.members(
      released.map((one) => `punctual-production-${one}`),
    );
    expect(graph.one("aws:codedeploy/application:Application").inputs).to.deep.equal({
      name: "punctual-production",
      computePlatform: "Lambda",
    });
    expect(graph.outputs["targets"]).to.deep.equal(
      released.map((workload) => ({
        workload,
        kind: "lambda",
        function: `punctual-production-${workload}`,
        alias: "live",
        version: "7",
        application: "punctual-production",
        group: `punctual-production-${workload}`,
      })),
    );
  });

  it("has no groups for functions that are not there", async () => {
    const { graph } = await made("production", { scheduler: "single-stage" });

    expect(graph.all(GROUP)).to.have.length(3);
  });

  it("shifts by degrees but in dev, and goes back by itself when it fails or an alarm sees it", async () => {
    for (const [environment, config] of [
      ["production", "CodeDeployDefault.LambdaCanary10Percent10Minutes"],
      ["dev", "CodeDeployDefault.LambdaAllAtOnce"],
    ] as const) {
      const { graph } = await made(environment);
      for (const { name, inputs } of graph.all(GROUP)) {
        expect(inputs, name).to.deep.include({
          deploymentConfigName: config,
          deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
          alarmConfiguration: {
            enabled: true,
            alarms: [String(inputs["deploymentGroupName"]) + "-canary"],
            ignorePollAlarmFailure: false,
          },
          autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"] },
        });
      }
    }
  });

  it("sees errors of the alias in two minutes of three, and tells of them", async () => {
    const { graph } = await made("production");
    const { inputs } = graph.one(ALARM, "punctual-release-worker-canary");

    expect(inputs).to.deep.include({
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      threshold: 5,
      treatMissingData: "notBreaching",
      alarmActions: ["arn:aws:sns/topic:Topic:alerts"],
      okActions: ["arn:aws:sns/topic:Topic:alerts"],
    });
    const { value } = canaryAlarm("punctual-production-worker", "live");
    const metrics = "formula" in value ? Object.values(value.of) : [value];
    expect(metrics.map(({ name }) => name)).to.have.members(["Errors", "Invocations"]);
    for (const metric of metrics) {
      expect(strangerIn(metric)).to.be.null;
      expect(metric.dimensions["Resource"]).to.equal("punctual-production-worker:live");
    }
  });

  it("gives alarms the time to see it before all traffic goes over", () => {
    const { periodSeconds, periods } = canaryAlarm("punctual-production-api", "live");

    expect(shiftOf(true).minutes).to.be.above((periodSeconds * periods) / 60 + 1);
    expect(shiftOf(true).config).to.contain(`${String(shiftOf(true).minutes)}Minutes`);
  });

  it("moves the aliases of these functions and reads the alarms of this environment, and may do nothing else", async () => {
    const { graph } = await made("production");
    const role = graph.one("aws:iam/role:Role", "punctual-release-role");
    const policy = json(graph.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]);

    expect(json(role.inputs["assumeRolePolicy"])).to.deep.include({
      Statement: [
        {
          Effect: "Allow",
          Action: "sts:AssumeRole",
          Principal: { Service: "codedeploy.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": "111111111111" } },
        },
      ],
    });
    expect(policy["Statement"]).to.deep.equal([
      {
        Sid: "Shift",
        Effect: "Allow",
        Action: ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
        Resource: released.flatMap((one) => {
          const arn = `arn:aws:lambda/function:Function:function-${one}`;
          return [arn, `${arn}:*`];
        }),
      },
      {
        Sid: "See",
        Effect: "Allow",
        Action: "cloudwatch:DescribeAlarms",
        Resource: "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:*",
      },
    ]);
  });
});
