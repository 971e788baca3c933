import * as aws from "@pulumi/aws";
import type { ComponentResource, Input } from "@pulumi/pulumi";

export interface NodeArgs {
  readonly prefix: string;
  /** The group's, by which ElastiCache names its nodes. */
  readonly id: string;
  readonly node: number;
  readonly alarms: Input<string>;
}

type Watched = Pick<aws.cloudwatch.MetricAlarmArgs, "metricName" | "statistic" | "threshold" | "evaluationPeriods"> & {
  readonly says: string;
};

/** A queue that is full takes nothing more; one that drops something has been told to, against what is said here. */
const WATCHED: Readonly<Record<string, Watched>> = {
  memory: {
    says: "The transport is nearly full: messages come faster than they are delivered",
    ...{ metricName: "DatabaseMemoryUsagePercentage", statistic: "Average", threshold: 80, evaluationPeriods: 5 },
  },
  evictions: {
    says: "The transport drops messages that it has accepted",
    ...{ metricName: "Evictions", statistic: "Sum", threshold: 0, evaluationPeriods: 1 },
  },
};

export function watchNode(name: string, { prefix, id, node, alarms }: NodeArgs, parent: ComponentResource): void {
  const CacheClusterId = `${id}-${String(node).padStart(3, "0")}`;
  for (const [part, { says, ...watched }] of Object.entries(WATCHED)) {
    new aws.cloudwatch.MetricAlarm(
      `${name}-${part}`,
      {
        ...{ name: `${CacheClusterId}-${part}`, alarmDescription: `${prefix}: ${says}`, ...watched },
        ...{ namespace: "AWS/ElastiCache", dimensions: { CacheClusterId }, period: 60 },
        comparisonOperator: "GreaterThanThreshold",
        // A node that says nothing is replaced, and with it whoever connects finds the other one.
        treatMissingData: "notBreaching",
        ...{ alarmActions: [alarms], okActions: [alarms] },
      },
      { parent },
    );
  }
}
