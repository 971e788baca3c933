import type * as gcp from "@pulumi/gcp";
import type { GcpSettings, ServiceName } from "./settings.js";

type Traffic = gcp.types.input.cloudrunv2.ServiceTraffic;
type Split = gcp.types.input.cloudrunv2.WorkerPoolInstanceSplit;
type Release = GcpSettings["traffic"][ServiceName];

const LATEST: Traffic = { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 };
const REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";

/**
 * The first revision takes everything. Once one has proven itself, a new one takes what the release says, under a tag by
 * which it can be tried: to `LATEST` everything would go at once, whatever was proven.
 */
export function trafficOf(revision: string, release: Release): Traffic[] {
  if (release === undefined) return [LATEST];
  const { stable, percent } = release;
  if (stable === revision || percent === 100) return [{ type: REVISION, revision, percent: 100 }];
  return [
    { type: REVISION, revision: stable, percent: 100 - percent },
    { type: REVISION, revision, percent, tag: "canary" },
  ];
}

/** The same of a pool of workers: what is shared is instances, and there are no tags. */
export function splitsOf(revision: string, release: Release): Split[] {
  return trafficOf(revision, release).map(({ type, tag: _, ...split }) => ({
    ...split,
    type: type === LATEST.type ? "INSTANCE_SPLIT_ALLOCATION_TYPE_LATEST" : "INSTANCE_SPLIT_ALLOCATION_TYPE_REVISION",
  }));
}
