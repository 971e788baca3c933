import type { Input } from "@pulumi/pulumi";
import type { Metric } from "../metrics.js";

/** One line of a graph. */
export type Line = Metric & { readonly label: string };

export interface Graph {
  readonly title: string;
  readonly lines: readonly Line[];
  /** One upon the other: for parts of a whole. */
  readonly stacked?: boolean;
  readonly periodSeconds?: number;
  /** Where CloudWatch has it, if elsewhere. */
  readonly region?: string;
}

/** How alarms stand. */
export interface Lamps {
  readonly title: string;
  readonly alarms: readonly Input<string>[];
}

export type Widget = Graph | Lamps;

const COLUMNS = 3;
const WIDTH = 8;
const HEIGHT = 6;
const MINUTE_S = 60;

export const line = (label: string, metric: Metric): Line => ({ ...metric, label });

/** As CloudWatch reads it: three widgets in a row, in their order. Of what there is nothing of there is no graph. */
export function dashboardOf(widgets: readonly Widget[], region: string): Readonly<Record<string, unknown>> {
  return {
    widgets: widgets.filter(hasContent).map((widget, index) => ({
      x: (index % COLUMNS) * WIDTH,
      y: Math.floor(index / COLUMNS) * HEIGHT,
      width: WIDTH,
      height: HEIGHT,
      ...("alarms" in widget
        ? { type: "alarm", properties: { title: widget.title, alarms: widget.alarms } }
        : { type: "metric", properties: propertiesOf(widget, region) }),
    })),
  };
}

function propertiesOf({ title, lines, stacked = false, periodSeconds = MINUTE_S, ...rest }: Graph, region: string) {
  return {
    title,
    view: "timeSeries",
    stacked,
    region: rest.region ?? region,
    period: periodSeconds,
    metrics: lines.map(({ namespace, name, dimensions, stat, label }) => [
      namespace,
      name,
      ...Object.entries(dimensions).flat(),
      { stat, label },
    ]),
  };
}

function hasContent(widget: Widget): boolean {
  return "alarms" in widget || widget.lines.length > 0;
}
