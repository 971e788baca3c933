import type * as gcp from "@pulumi/gcp";
import type { ReleaseTarget } from "@punctual/stack-blueprint";
import type { Ground } from "./bindings.js";
import type { GcpGrants } from "./grants.js";
import type { GcpNetwork } from "./network.js";
import type { Topics } from "./parts.js";
import type { MakeGcpTransport } from "./transport.js";
import type { GcpChannels } from "./watch/channels.js";
import type { WatchedService } from "./watch/watched.js";

/** What there is when something begins to run. */
export interface Prepared extends Ground {
  readonly network: GcpNetwork;
  readonly topics: Topics;
  readonly grants: GcpGrants;
  readonly channels: GcpChannels;
  readonly transport: MakeGcpTransport | undefined;
}

/** What runs, whatever the runtime. */
export interface Running {
  readonly api: gcp.cloudrunv2.Service;
  readonly services: readonly WatchedService[];
  /** The pool of workers, where there is one. */
  readonly pool: string | undefined;
  /** The job that migrates. */
  readonly migration: string;
  readonly releases: readonly ReleaseTarget[];
}
