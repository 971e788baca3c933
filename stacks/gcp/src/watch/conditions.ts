import type * as gcp from "@pulumi/gcp";
import { type Input, interpolate } from "@pulumi/pulumi";
import type { Objective } from "@punctual/stack-blueprint";
import type { GoogleMetric } from "./metrics.js";

export type Condition = gcp.types.input.monitoring.AlertPolicyCondition;

const MINUTE = 60;

export interface Seen {
  readonly name: string;
  readonly metric: GoogleMetric;
  /** As Cloud Monitoring names what it is measured of. */
  readonly resource: string;
  /** What is to be looked at: labels and their values. */
  readonly where: Readonly<Record<string, Input<string>>>;
  /** What is made of a minute's points. */
  readonly align:
    "ALIGN_RATE" | "ALIGN_DELTA" | "ALIGN_MAX" | "ALIGN_MIN" | "ALIGN_FRACTION_TRUE" | "ALIGN_PERCENTILE_99";
  /** What is made of all series at once; left out, each is looked at. */
  readonly reduce?: "REDUCE_SUM" | "REDUCE_MAX" | "REDUCE_MIN" | "REDUCE_MEAN";
  /** Of what the first is a part; the same metric. */
  readonly outOf?: Readonly<Record<string, Input<string>>>;
}

/** Above so much, and for so long, as the objective says; `above` is for other units than its own. */
export function above(objective: Objective, seen: Seen, limit = objective.above): Condition {
  return compared("COMPARISON_GT", objective, seen, limit);
}

export function below(objective: Objective, seen: Seen, limit = objective.above): Condition {
  return compared("COMPARISON_LT", objective, seen, limit);
}

function compared(comparison: string, { minutes, silenceIsBad }: Objective, seen: Seen, limit: number): Condition {
  const aggregations = [aggregationOf(seen)];
  return {
    displayName: seen.name,
    conditionThreshold: {
      filter: filterOf(seen, seen.where),
      aggregations,
      ...(seen.outOf !== undefined && {
        denominatorFilter: filterOf(seen, seen.outOf),
        denominatorAggregations: aggregations,
      }),
      comparison,
      thresholdValue: limit,
      duration: secondsOf(minutes),
      evaluationMissingData: silenceIsBad ? "EVALUATION_MISSING_DATA_ACTIVE" : "EVALUATION_MISSING_DATA_INACTIVE",
      trigger: { count: 1 },
    },
  };
}

/** Nothing has been seen for so long. */
export function absent({ minutes }: Objective, seen: Seen): Condition {
  return {
    displayName: seen.name,
    conditionAbsent: {
      filter: filterOf(seen, seen.where),
      aggregations: [aggregationOf(seen)],
      duration: secondsOf(minutes),
      trigger: { count: 1 },
    },
  };
}

/** Whether a question in PromQL has an answer. What it asks for need not have been seen before. */
export function asked(name: string, query: string, minutes: number): Condition {
  return {
    displayName: name,
    conditionPrometheusQueryLanguage: {
      query,
      duration: secondsOf(minutes),
      evaluationInterval: secondsOf(1),
      disableMetricValidation: true,
    },
  };
}

function aggregationOf({ align, reduce }: Seen) {
  return {
    alignmentPeriod: secondsOf(1),
    perSeriesAligner: align,
    ...(reduce !== undefined && { crossSeriesReducer: reduce }),
  };
}

function filterOf({ metric, resource }: Seen, where: Seen["where"]): Input<string> {
  return Object.entries(where).reduce<Input<string>>(
    (filter, [label, value]) => interpolate`${filter} AND ${label} = "${value}"`,
    `metric.type = "${metric}" AND resource.type = "${resource}"`,
  );
}

function secondsOf(minutes: number): string {
  return `${String(minutes * MINUTE)}s`;
}
