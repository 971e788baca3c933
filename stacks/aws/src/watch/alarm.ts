import type * as aws from "@pulumi/aws";
import type { Input } from "@pulumi/pulumi";
import type { Objective } from "@punctual/stack-blueprint";
import type { Metric } from "./metrics.js";

/** Several metrics made one number. Their ids are lower case. */
export interface Formula {
  readonly formula: Input<string>;
  readonly of: Readonly<Record<string, Metric>>;
}

export interface Alarm {
  /** Of which one it is, where an objective has several alarms. */
  readonly part?: string;
  readonly value: Metric | Formula;
  readonly when: ">" | "<";
  readonly threshold: number;
  readonly periodSeconds: number;
  /** Periods that are looked at; in each it must have been so, unless `enough` says in how many. */
  readonly periods: number;
  readonly enough?: number;
}

/** In each of its minutes. */
export function lasting({
  minutes,
  above,
}: Objective): Pick<Alarm, "when" | "threshold" | "periodSeconds" | "periods"> {
  return { when: ">", threshold: above, periodSeconds: 60, periods: minutes };
}

/** In all of its minutes together. */
export function together(objective: Objective): ReturnType<typeof lasting> {
  return { ...lasting(objective), periodSeconds: 60 * objective.minutes, periods: 1 };
}

/** An alarm on more metrics than ten there is not. */
const MOST_METRICS = 10;

/** How many of a hundred. Of nothing it is none, and what is not counted where it did not happen is none, too. */
export function percent(parts: readonly Metric[], wholes: readonly Metric[]): Formula {
  const part = added("part", parts);
  const whole = added("whole", wholes);
  return {
    formula: `IF(${whole.sum} > 0, 100 * ${part.sum} / ${whole.sum}, 0)`,
    of: atMost({ ...part.of, ...whole.of }),
  };
}

export function sumOf(metrics: readonly Metric[]): Formula {
  const { sum, of } = added("part", metrics);
  return { formula: sum, of: atMost(of) };
}

function added(id: string, metrics: readonly Metric[]): { readonly sum: string; readonly of: Formula["of"] } {
  const named = metrics.map((metric, index) => [`${id}${String(index)}`, metric] as const);
  return { sum: `(${named.map(([one]) => `FILL(${one}, 0)`).join(" + ")})`, of: Object.fromEntries(named) };
}

function atMost(of: Formula["of"]): Formula["of"] {
  const { length } = Object.keys(of);
  if (length > MOST_METRICS) throw new RangeError(`${String(length)} metrics are too many for an alarm`);
  return of;
}

type Value = Pick<
  aws.cloudwatch.MetricAlarmArgs,
  "metricQueries" | "namespace" | "metricName" | "dimensions" | "period" | "statistic" | "extendedStatistic"
>;

/** What CloudWatch is told of it, but for whom to tell. */
export function alarmArgs(alarm: Alarm, silenceIsBad: boolean): aws.cloudwatch.MetricAlarmArgs {
  return {
    ...valueOf(alarm),
    comparisonOperator: alarm.when === ">" ? "GreaterThanThreshold" : "LessThanThreshold",
    threshold: alarm.threshold,
    evaluationPeriods: alarm.periods,
    datapointsToAlarm: alarm.enough ?? alarm.periods,
    treatMissingData: silenceIsBad ? "breaching" : "notBreaching",
  };
}

function valueOf({ value, periodSeconds: period }: Alarm): Value {
  if ("formula" in value) {
    return {
      metricQueries: [
        { id: "value", expression: value.formula, label: "value", returnData: true },
        ...Object.entries(value.of).map(([id, { namespace, name, dimensions, stat }]) => ({
          id,
          metric: { namespace, metricName: name, dimensions, period, stat },
          returnData: false,
        })),
      ],
    };
  }
  const { namespace, name, dimensions, stat } = value;
  const how = stat.startsWith("p") ? { extendedStatistic: stat } : { statistic: stat };
  return { namespace, metricName: name, dimensions, period, ...how };
}
