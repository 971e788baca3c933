import type { Output } from "@pulumi/pulumi";
import type { QueueName, Workload } from "@punctual/stack-blueprint";
import type { ServiceName } from "../settings.js";

/** A service, and what Cloud Monitoring calls it. */
export interface WatchedService {
  readonly name: ServiceName;
  readonly workload: Workload;
  readonly physicalName: string;
}

/** What there is to be watched. */
export interface Watched {
  /** What the names of all services begin with: what they measure is marked with it. */
  readonly prefix: string;
  readonly services: readonly WatchedService[];
  /** The pool of workers that run on, where no scheduler is called. */
  readonly pool: string | undefined;
  /** The job that migrates. */
  readonly migration: string;
  readonly queues: Readonly<Partial<Record<QueueName, string>>>;
  readonly database: { readonly id: Output<string>; readonly connections: number; readonly mostBytes: number };
  readonly nat: Output<string>;
  /** The check that asks the API from the outside. */
  readonly uptime: Output<string>;
  /** Whether what Punctual measures comes here at all. */
  readonly collected: boolean;
}
