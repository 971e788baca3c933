import * as aws from "@pulumi/aws";
import type { ComponentResource, Input } from "@pulumi/pulumi";
import { adviceOf, type Blueprint, type ObjectiveId } from "@punctual/stack-blueprint";
import { SERVICE } from "./collector.js";
import { NAMESPACE } from "./metrics.js";

/** Two of three minutes: a deployment is watched for longer than that before it counts as done. */
export const ALARM_WINDOW = { periodSeconds: 60, periods: 3, datapoints: 2 };

export interface ReleaseAlarmArgs {
  readonly blueprint: Pick<Blueprint, "objectives">;
  /** Who is told that a deployment was taken back. */
  readonly topic: Input<string>;
}

type Watched = Pick<
  aws.cloudwatch.MetricAlarmArgs,
  "metricName" | "namespace" | "dimensions" | "statistic" | "extendedStatistic" | "metricQueries"
>;

/** Alarms that take a deployment back: as strict as those that wake somebody, and sooner. */
export function apiReleaseAlarms(
  name: string,
  { loadBalancer, ...args }: ReleaseAlarmArgs & { readonly loadBalancer: aws.lb.LoadBalancer },
  parent: ComponentResource,
): readonly aws.cloudwatch.MetricAlarm[] {
  const dimensions = { LoadBalancer: loadBalancer.arnSuffix };
  const namespace = "AWS/ApplicationELB";
  const counted = (id: string, metricName: string) => ({
    id,
    metric: { namespace, metricName, dimensions, period: ALARM_WINDOW.periodSeconds, stat: "Sum" },
  });
  const errors: Watched = {
    metricQueries: [
      counted("failed", "HTTPCode_Target_5XX_Count"),
      counted("unanswered", "HTTPCode_ELB_5XX_Count"),
      counted("asked", "RequestCount"),
      {
        id: "share",
        expression: "100 * (FILL(failed, 0) + FILL(unanswered, 0)) / IF(FILL(asked, 0) < 1, 1, asked)",
        label: "Requests that fail inside, in percent",
        returnData: true,
      },
    ],
  };
  const slow: Watched = { namespace, metricName: "TargetResponseTime", dimensions, extendedStatistic: "p99" };
  return [
    alarm(`${name}-errors`, "api-errors", 1, errors, args, parent),
    // The blueprint says milliseconds, and load balancers seconds.
    alarm(`${name}-slow`, "api-latency", 1 / 1_000, slow, args, parent),
  ];
}

export function workerReleaseAlarms(
  name: string,
  { measuredAs, ...args }: ReleaseAlarmArgs & { readonly measuredAs: string },
  parent: ComponentResource,
): readonly aws.cloudwatch.MetricAlarm[] {
  const watched = (metricName: string, statistic: string): Watched => ({
    ...{ namespace: NAMESPACE, metricName, statistic, dimensions: { [SERVICE]: measuredAs } },
  });
  return [
    alarm(`${name}-troubles`, "troubles", 1, watched("Troubles", "Sum"), args, parent),
    // Seconds there, milliseconds here.
    alarm(`${name}-behind`, "oldest-due", 1_000, watched("OldestDueAge", "Maximum"), args, parent),
  ];
}

function alarm(
  name: string,
  id: ObjectiveId,
  times: number,
  watched: Watched,
  { blueprint, topic }: ReleaseAlarmArgs,
  parent: ComponentResource,
): aws.cloudwatch.MetricAlarm {
  const objective = blueprint.objectives.find((one) => one.id === id);
  if (objective === undefined) throw new RangeError(`There is no objective ${id}`);
  const { says, above } = objective;
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      ...watched,
      alarmDescription: `${says} A deployment that is under way is taken back. ${adviceOf(objective)}`,
      ...(watched.metricQueries === undefined && { period: ALARM_WINDOW.periodSeconds }),
      evaluationPeriods: ALARM_WINDOW.periods,
      datapointsToAlarm: ALARM_WINDOW.datapoints,
      comparisonOperator: "GreaterThanThreshold",
      threshold: above * times,
      treatMissingData: "notBreaching",
      alarmActions: [topic],
      okActions: [topic],
    },
    { parent },
  );
}
