import { ENVIRONMENTS } from "@punctual/stack-blueprint";
import { expect } from "chai";
import { arnOf, blueprintFor } from "./support/parts.js";
import { recorded } from "./support/recorded.js";

describe("Scaling on AWS", () => {
  const graphOf = recorded();

  it("keeps to the sizes of each environment, and does nothing where there are as many as ever", () => {
    const wanted = {
      dev: [],
      staging: [["worker", [2, 4]]],
      production: [
        ["api", [2, 10]],
        ["worker", [2, 8]],
      ],
    } as const;
    for (const environment of ENVIRONMENTS) {
      const ranges = graphOf(environment)
        .all("aws:appautoscaling/target:Target")
        .map(({ inputs }) => [inputs["resourceId"], [inputs["minCapacity"], inputs["maxCapacity"]]]);
      expect(ranges).to.deep.equal(
        wanted[environment].map(([service, range]) => [
          `service/punctual-${environment}/punctual-${environment}-${service}`,
          range,
        ]),
      );
    }
  });

  it("gives the API more tasks by work and by requests, and workers fewer only when nothing is late", () => {
    const graph = graphOf("production");
    const tracking = (name: string) =>
      graph.one("aws:appautoscaling/policy:Policy", `punctual-production-${name}`).inputs[
        "targetTrackingScalingPolicyConfiguration"
      ] as Readonly<Record<string, unknown>>;
    expect(tracking("api-scaling-cpu")).to.include({ targetValue: 60, disableScaleIn: false });
    expect(tracking("worker-scaling-cpu")).to.include({ targetValue: 60, disableScaleIn: true });
    expect(JSON.stringify(tracking("api-scaling-requests")))
      .to.include("requests / IF(tasks < 1, 1, tasks)")
      .and.include('"stat":"SampleCount"');
  });

  it("gives more workers by the age of what is due, far sooner than anybody is woken", () => {
    const graph = graphOf("production");
    const behind = graph.one("aws:cloudwatch/metricAlarm:MetricAlarm", "punctual-production-worker-scaling-behind");
    expect(behind.inputs).to.deep.include({
      namespace: "Punctual",
      metricName: "OldestDueAge",
      dimensions: { Service: "punctual-production-worker" },
      threshold: 30_000,
      alarmActions: [arnOf("punctual-production-worker-scaling-more")],
    });
    const objective = blueprintFor("production").objectives.find(({ id }) => id === "oldest-due");
    expect(Number(behind.inputs["threshold"])).to.be.below((objective?.above ?? 0) * 1_000);
    const steps = graph.one("aws:appautoscaling/policy:Policy", "punctual-production-worker-scaling-more").inputs;
    expect(steps["stepScalingPolicyConfiguration"]).to.deep.include({
      adjustmentType: "PercentChangeInCapacity",
      minAdjustmentMagnitude: 1,
      stepAdjustments: [
        { metricIntervalLowerBound: "0", metricIntervalUpperBound: "60000", scalingAdjustment: 50 },
        { metricIntervalLowerBound: "60000", scalingAdjustment: 100 },
      ],
    });
    const idle = graph.one("aws:cloudwatch/metricAlarm:MetricAlarm", "punctual-production-worker-scaling-idle");
    expect(idle.inputs).to.deep.include({
      evaluationPeriods: 15,
      treatMissingData: "notBreaching",
      alarmActions: [arnOf("punctual-production-worker-scaling-fewer")],
    });
  });
});
