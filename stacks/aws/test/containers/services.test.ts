import type { EnvironmentName } from "@punctual/stack-blueprint";
import { expect } from "chai";
import { ALARM_WINDOW } from "../../src/containers/release-alarms.js";
import { arnOf, blueprintFor } from "./support/parts.js";
import { recorded } from "./support/recorded.js";

describe("The API's service on AWS", () => {
  const graphOf = recorded();

  const serviceIn = (environment: EnvironmentName) =>
    graphOf(environment).one("aws:ecs/service:Service", `punctual-${environment}-api-service`);

  it("is deployed beside itself, by degrees outside dev, and taken back where an alarm rings", () => {
    const dev = serviceIn("dev");
    expect(dev.inputs["deploymentConfiguration"]).to.deep.equal({ strategy: "BLUE_GREEN", bakeTimeInMinutes: "5" });
    const production = serviceIn("production");
    expect(production.inputs["deploymentConfiguration"]).to.deep.equal({
      strategy: "CANARY",
      canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: "10" },
      bakeTimeInMinutes: "5",
    });
    for (const one of [dev, production]) {
      expect(one.inputs["deploymentCircuitBreaker"]).to.deep.equal({ enable: true, rollback: true });
      expect(one.inputs["alarms"]).to.deep.include({ enable: true, rollback: true });
      expect(one.ignoreChanges).to.deep.equal(["desiredCount", "taskDefinition"]);
    }
  });

  it("swaps two groups of targets at the rule of the name, whose weights are ECS's own", () => {
    const graph = graphOf("production");
    const rule = graph.one("aws:lb/listenerRule:ListenerRule");
    const [blue, green] = ["blue", "green"].map((colour) => arnOf(`punctual-production-door-${colour}`));
    expect(serviceIn("production").inputs["loadBalancers"]).to.deep.equal([
      {
        containerName: "api",
        containerPort: 7_700,
        targetGroupArn: blue,
        advancedConfiguration: {
          alternateTargetGroupArn: green,
          productionListenerRule: arnOf("punctual-production-door-rule"),
          roleArn: arnOf("punctual-production-api-mover"),
        },
      },
    ]);
    expect(rule.ignoreChanges).to.deep.equal(["actions"]);
    expect(rule.inputs["conditions"]).to.deep.equal([{ hostHeader: { values: ["punctual.example.com"] } }]);
    expect(graph.dependsOn(serviceIn("production"), rule)).to.be.true;
    const moves = graph.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment");
    expect(graph.dependsOn(serviceIn("production"), moves)).to.be.true;
  });

  it("bakes for longer than its alarms need to ring", () => {
    const windowMinutes = (ALARM_WINDOW.periodSeconds * ALARM_WINDOW.periods) / 60;
    const { canaryConfiguration, bakeTimeInMinutes } = serviceIn("production").inputs["deploymentConfiguration"] as {
      readonly canaryConfiguration: { readonly canaryBakeTimeInMinutes: string };
      readonly bakeTimeInMinutes: string;
    };
    expect(Number(canaryConfiguration.canaryBakeTimeInMinutes)).to.be.greaterThan(windowMinutes + 1);
    expect(Number(bakeTimeInMinutes)).to.be.greaterThan(windowMinutes + 1);
  });

  it("is on spare capacity in dev alone, and on none that can be reached", () => {
    for (const [environment, capacityProvider] of [
      ["dev", "FARGATE_SPOT"],
      ["staging", "FARGATE"],
      ["production", "FARGATE"],
    ] as const) {
      for (const one of graphOf(environment).all("aws:ecs/service:Service")) {
        expect(one.inputs["capacityProviderStrategies"]).to.deep.equal([{ capacityProvider, weight: 1 }]);
        expect(one.inputs["networkConfiguration"]).to.deep.include({
          assignPublicIp: false,
          subnets: ["private-0-id", "private-1-id"],
        });
      }
    }
  });
});

describe("The worker's service on AWS", () => {
  const graphOf = recorded();

  it("rolls, and is never fewer than before", () => {
    const { inputs, ignoreChanges } = graphOf("production").one(
      "aws:ecs/service:Service",
      "punctual-production-worker-service",
    );
    expect(inputs).to.deep.include({ deploymentMinimumHealthyPercent: 100, deploymentMaximumPercent: 200 });
    expect(inputs["deploymentConfiguration"]).to.deep.equal({ strategy: "ROLLING" });
    expect(inputs["deploymentCircuitBreaker"]).to.deep.equal({ enable: true, rollback: true });
    expect(inputs).not.to.have.property("loadBalancers");
    expect(ignoreChanges).to.deep.equal(["desiredCount", "taskDefinition"]);
  });
});

describe("Alarms that take a deployment back", () => {
  const graphOf = recorded();

  it("are as strict as the objectives that wake somebody, and tell of it", () => {
    const { objectives } = blueprintFor("production");
    const above = (id: string) => objectives.find((one) => one.id === id)?.above ?? Number.NaN;
    const wanted = {
      "api-release-errors": above("api-errors"),
      "api-release-slow": above("api-latency") / 1_000,
      "worker-release-troubles": above("troubles"),
      "worker-release-behind": above("oldest-due") * 1_000,
    };
    for (const [name, threshold] of Object.entries(wanted)) {
      const { inputs } = graphOf("production").one(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        `punctual-production-${name}`,
      );
      expect(inputs, name).to.deep.include({
        threshold,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        treatMissingData: "notBreaching",
        alarmActions: [arnOf("alarms")],
        okActions: [arnOf("alarms")],
      });
    }
    const { inputs } = graphOf("production").one("aws:ecs/service:Service", "punctual-production-worker-service");
    expect(inputs["alarms"]).to.deep.equal({
      enable: true,
      rollback: true,
      alarmNames: ["punctual-production-worker-release-troubles", "punctual-production-worker-release-behind"],
    });
  });
});
