import * as gcp from "@pulumi/gcp";
import type { ComponentResource, Input } from "@pulumi/pulumi";

export interface InstanceArgs {
  readonly prefix: string;
  /** As Cloud Monitoring names it. */
  readonly id: string;
  readonly channels: readonly Input<string>[];
}

interface Watched {
  readonly says: string;
  readonly metric: string;
  readonly above: number;
  readonly minutes: number;
  readonly aligner: "ALIGN_MEAN" | "ALIGN_DELTA";
}

const WATCHED: Readonly<Record<string, Watched>> = {
  memory: {
    says: "The transport is nearly full: messages come faster than they are delivered.",
    ...{ metric: "redis.googleapis.com/stats/memory/usage_ratio", above: 0.8, minutes: 5, aligner: "ALIGN_MEAN" },
  },
  evictions: {
    says: "The transport drops messages that it has accepted.",
    ...{ metric: "redis.googleapis.com/stats/evicted_keys", above: 0, minutes: 0, aligner: "ALIGN_DELTA" },
  },
};

/** An alarm is over when nothing was seen of it for so long. */
const AUTO_CLOSE = "1800s";

export function watchInstance(name: string, { prefix, id, channels }: InstanceArgs, parent: ComponentResource): void {
  for (const [part, { says, metric, above, minutes, aligner }] of Object.entries(WATCHED)) {
    const called = `${prefix}: transport-${part}`;
    new gcp.monitoring.AlertPolicy(
      `${name}-${part}`,
      {
        ...{ displayName: called, combiner: "OR", severity: "WARNING", notificationChannels: [...channels] },
        conditions: [
          {
            displayName: called,
            conditionThreshold: {
              filter: `resource.type = "redis_instance" AND resource.labels.instance_id = "${id}" AND metric.type = "${metric}"`,
              ...{ comparison: "COMPARISON_GT", thresholdValue: above, duration: `${String(60 * minutes)}s` },
              aggregations: [{ alignmentPeriod: "60s", perSeriesAligner: aligner }],
            },
          },
        ],
        alertStrategy: { autoClose: AUTO_CLOSE },
        documentation: { mimeType: "text/markdown", subject: called, content: says },
      },
      { parent },
    );
  }
}
