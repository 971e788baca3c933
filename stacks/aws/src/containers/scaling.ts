import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, interpolate } from "@pulumi/pulumi";
import { SERVICE } from "./collector.js";
import { NAMESPACE } from "./metrics.js";
import type { Range } from "./sizes.js";

export interface ScalingArgs {
  readonly cluster: aws.ecs.Cluster;
  readonly service: aws.ecs.Service;
  readonly tasks: Range;
}

const CPU_PERCENT = 60;
const OUT_SECONDS = 60;
const IN_SECONDS = 300;

/** How many tasks of a service there may be, and that there are more when processors are busy. */
class Scaling extends ComponentResource {
  protected readonly where: Pick<
    aws.appautoscaling.PolicyArgs,
    "resourceId" | "scalableDimension" | "serviceNamespace"
  >;

  constructor(type: string, name: string, args: ScalingArgs, onlyOut: boolean, opts?: ComponentResourceOptions) {
    super(type, name, {}, opts);
    const { cluster, service, tasks } = args;
    const target = new aws.appautoscaling.Target(
      `${name}-range`,
      {
        serviceNamespace: "ecs",
        scalableDimension: "ecs:service:DesiredCount",
        resourceId: interpolate`service/${cluster.name}/${service.name}`,
        minCapacity: tasks.least,
        maxCapacity: tasks.most,
      },
      { parent: this },
    );
    const { resourceId, scalableDimension, serviceNamespace } = target;
    this.where = { resourceId, scalableDimension, serviceNamespace };
    new aws.appautoscaling.Policy(
      `${name}-cpu`,
      {
        ...this.where,
        policyType: "TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration: {
          predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
          targetValue: CPU_PERCENT,
          scaleOutCooldown: OUT_SECONDS,
          scaleInCooldown: IN_SECONDS,
          disableScaleIn: onlyOut,
        },
      },
      { parent: this },
    );
  }
}

/** What a task answers in a minute with ease. */
const REQUESTS_PER_TASK = 3_000;

/** The API grows with its processors' work and with what it is asked. */
export class ApiScaling extends Scaling {
  constructor(
    name: string,
    args: ScalingArgs & { readonly loadBalancer: aws.lb.LoadBalancer },
    opts?: ComponentResourceOptions,
  ) {
    super("punctual:aws:ApiScaling", name, args, false, opts);
    const { cluster, service, loadBalancer } = args;
    const perMinute = (id: string, stat: "Sum" | "SampleCount", metric: Metric) => ({
      id,
      returnData: false,
      metricStat: { stat, metric },
    });
    // CloudWatch counts requests per target by the group of targets, and a deployment swaps the groups.
    new aws.appautoscaling.Policy(
      `${name}-requests`,
      {
        ...this.where,
        policyType: "TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration: {
          customizedMetricSpecification: {
            metrics: [
              perMinute("requests", "Sum", {
                namespace: "AWS/ApplicationELB",
                metricName: "RequestCount",
                dimensions: [{ name: "LoadBalancer", value: loadBalancer.arnSuffix }],
              }),
              // Each task tells of its processor once a minute, so this is how many there are.
              perMinute("tasks", "SampleCount", {
                namespace: "AWS/ECS",
                metricName: "CPUUtilization",
                dimensions: [
                  { name: "ClusterName", value: cluster.name },
                  { name: "ServiceName", value: service.name },
                ],
              }),
              { id: "each", expression: "requests / IF(tasks < 1, 1, tasks)", returnData: true },
            ],
          },
          targetValue: REQUESTS_PER_TASK,
          scaleOutCooldown: OUT_SECONDS,
          scaleInCooldown: IN_SECONDS,
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

type Metric =
  aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatMetric;

/** From so far behind on there are more workers: long before somebody is woken. */
const BEHIND_MS = 30_000;
/** And from so much farther on they are doubled. */
const FAR_MS = 90_000;
/** Nothing is late, and processors rest. */
const IDLE = { ageMs: 5_000, cpuPercent: 30, minutes: 15 };

export interface WorkerScalingArgs extends ScalingArgs {
  /** What its metrics are told apart by. */
  readonly measuredAs: string;
}

/**
 * Workers grow with the age of the oldest event that is due. That age does not halve when workers are doubled, so no target is
 * tracked: steps lead up, and one at a time leads down when nothing has been late for long. While they wait for slow receivers
 * processors rest, so by those alone they never become fewer.
 */
export class WorkerScaling extends Scaling {
  constructor(name: string, args: WorkerScalingArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:WorkerScaling", name, args, true, opts);
    const { cluster, service, measuredAs } = args;
    const age = { namespace: NAMESPACE, metricName: "OldestDueAge", dimensions: { [SERVICE]: measuredAs } };
    const more = this.#steps(`${name}-more`, "PercentChangeInCapacity", OUT_SECONDS, [
      { metricIntervalLowerBound: "0", metricIntervalUpperBound: String(FAR_MS - BEHIND_MS), scalingAdjustment: 50 },
      { metricIntervalLowerBound: String(FAR_MS - BEHIND_MS), scalingAdjustment: 100 },
    ]);
    const fewer = this.#steps(`${name}-fewer`, "ChangeInCapacity", IN_SECONDS, [
      { metricIntervalLowerBound: "0", scalingAdjustment: -1 },
    ]);
    new aws.cloudwatch.MetricAlarm(
      `${name}-behind`,
      {
        ...age,
        alarmDescription: "Workers fall behind: there are going to be more.",
        statistic: "Maximum",
        period: 60,
        evaluationPeriods: 2,
        comparisonOperator: "GreaterThanThreshold",
        threshold: BEHIND_MS,
        treatMissingData: "notBreaching",
        alarmActions: [more.arn],
      },
      { parent: this },
    );
    new aws.cloudwatch.MetricAlarm(
      `${name}-idle`,
      {
        alarmDescription: "Nothing is late, and workers rest: there is going to be one fewer.",
        metricQueries: [
          { id: "age", metric: { ...age, period: 60, stat: "Maximum" } },
          {
            id: "cpu",
            metric: {
              namespace: "AWS/ECS",
              metricName: "CPUUtilization",
              dimensions: { ClusterName: cluster.name, ServiceName: service.name },
              period: 60,
              stat: "Average",
            },
          },
          {
            id: "rests",
            expression: `IF(age < ${String(IDLE.ageMs)} AND cpu < ${String(IDLE.cpuPercent)}, 1, 0)`,
            label: "rests",
            returnData: true,
          },
        ],
        evaluationPeriods: IDLE.minutes,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        // Who does not know does not take away.
        treatMissingData: "notBreaching",
        alarmActions: [fewer.arn],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }

  #steps(name: string, adjustmentType: string, cooldown: number, stepAdjustments: readonly Step[]) {
    return new aws.appautoscaling.Policy(
      name,
      {
        ...this.where,
        policyType: "StepScaling",
        stepScalingPolicyConfiguration: {
          adjustmentType,
          cooldown,
          metricAggregationType: "Maximum",
          ...(adjustmentType === "PercentChangeInCapacity" && { minAdjustmentMagnitude: 1 }),
          stepAdjustments: [...stepAdjustments],
        },
      },
      { parent: this },
    );
  }
}

type Step = aws.types.input.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustment;
