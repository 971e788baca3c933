import type { Input } from "@pulumi/pulumi";

/** A dashboard as Cloud Monitoring writes it; only what is used of it. */
export interface Dashboard {
  readonly displayName: string;
  readonly gridLayout: { readonly columns: string; readonly widgets: readonly Widget[] };
}

interface Widget {
  readonly title: string;
  readonly xyChart: {
    readonly dataSets: readonly DataSet[];
    readonly thresholds?: readonly { readonly value: number }[];
  };
}

interface DataSet {
  readonly plotType: "LINE" | "STACKED_AREA";
  readonly legendTemplate: string;
  readonly timeSeriesQuery: { readonly prometheusQuery: Input<string>; readonly unitOverride?: string };
}

export interface Line {
  readonly legend: string;
  /** In PromQL. */
  readonly query: Input<string>;
}

export function dashboard(displayName: string, widgets: readonly Widget[]): Dashboard {
  return { displayName, gridLayout: { columns: "2", widgets } };
}

export function chart(title: string, unit: string, lines: readonly Line[], threshold?: number): Widget {
  return {
    title,
    xyChart: {
      dataSets: lines.map(({ legend, query }) => ({
        plotType: "LINE",
        legendTemplate: legend,
        timeSeriesQuery: { prometheusQuery: query, unitOverride: unit },
      })),
      ...(threshold !== undefined && { thresholds: [{ value: threshold }] }),
    },
  };
}
