import { ComponentResource, type ComponentResourceOptions, type Input, interpolate, type Output } from "@pulumi/pulumi";
import { connectionsOf } from "../connections.js";
import type { GcpDatabase } from "../database.js";
import { databaseSizeOf } from "../defaults.js";
import type { GcpNetwork } from "../network.js";
import type { Plan } from "../parts.js";
import type { Running } from "../running.js";
import { GcpAlerts } from "./alerts.js";
import { GcpBudget } from "./budget.js";
import type { GcpChannels } from "./channels.js";
import { GcpDashboards } from "./dashboards.js";
import { GcpUptime } from "./uptime.js";
import type { Watched } from "./watched.js";

export interface WatchDeps {
  readonly running: Running;
  readonly database: GcpDatabase;
  readonly network: GcpNetwork;
  readonly channels: GcpChannels;
  /** Where the API answers everybody. */
  readonly host: Input<string>;
}

/** Everything that looks at what runs, and tells somebody. */
export class GcpWatch extends ComponentResource {
  readonly dashboards: readonly Output<string>[];

  constructor(name: string, plan: Plan, deps: WatchDeps, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Watch", name, {}, opts);
    const within = { parent: this };
    const { channels } = deps;
    const uptime = new GcpUptime(`${name}-uptime`, plan, deps.host, within);
    const watched = watchedOf(plan, deps, uptime);
    new GcpAlerts(`${name}-alerts`, plan, { watched, channels }, within);
    new GcpBudget(`${name}-budget`, plan, channels, within);
    this.dashboards = new GcpDashboards(`${name}-dashboards`, plan, watched, within).ids;
    this.registerOutputs({});
  }
}

function watchedOf({ own, blueprint }: Plan, { running, database, network }: WatchDeps, { check }: GcpUptime): Watched {
  const { names, queues, settings } = blueprint;
  const queueNames = queues.map(({ name }) => [name, names.of(name)] as const);
  return {
    prefix: names.prefix,
    services: running.services,
    pool: running.pool,
    migration: running.migration,
    queues: Object.fromEntries(queueNames),
    database: {
      id: database.id,
      connections: connectionsOf(databaseSizeOf(own, settings.environment).tier),
      mostBytes: database.mostBytes,
    },
    nat: network.nat.name,
    uptime: interpolate`${check.uptimeCheckId}`,
    collected: own.collectorImage !== undefined,
  };
}
