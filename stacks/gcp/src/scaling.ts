import type { Blueprint } from "@punctual/stack-blueprint";
import { budgetOf } from "./connections.js";
import { databaseSizeOf, GCP_DEFAULTS } from "./defaults.js";
import { workloadsOn } from "./differences.js";
import type { GcpSettings, ServiceName } from "./settings.js";

/** How many instances there are, and how many requests each takes at once. */
export interface Scaling {
  readonly least: number;
  readonly most: number;
  readonly concurrency: number;
}

/** As many as there are, whatever runs: a tick has to come to the instance of the one before. */
const ONE: Scaling = { least: 0, most: 1, concurrency: 10 };

export function scalingOf(own: GcpSettings, blueprint: Blueprint): Readonly<Record<ServiceName, Scaling>> {
  const { defaults, settings } = blueprint;
  const api = {
    least: defaults.warm,
    most: own.instances.api ?? GCP_DEFAULTS[settings.environment].apiInstances,
    concurrency: 80,
  };
  const fitting = Math.min(defaults.workers, workersThatFit(own, blueprint, api.most));
  return {
    api,
    scheduler: ONE,
    worker: { least: 0, most: own.instances.worker ?? fitting, concurrency: 10 },
    "dead-letters": ONE,
  };
}

function workersThatFit(own: GcpSettings, blueprint: Blueprint, apis: number): number {
  const { tier, pool } = databaseSizeOf(own, blueprint.settings.environment);
  const others = workloadsOn(blueprint).filter(({ name }) => name !== "api" && name !== "worker").length;
  return Math.max(1, Math.floor(budgetOf(tier) / pool) - apis - others);
}

/** The connections of everything that runs at once, a migration among it. */
export function connectionsWanted(own: GcpSettings, blueprint: Blueprint): number {
  const scaling: Readonly<Partial<Record<string, Scaling>>> = scalingOf(own, blueprint);
  const instances = workloadsOn(blueprint).map(({ name }) => scaling[name]?.most ?? 1);
  return instances.reduce((sum, one) => sum + one, 0) * databaseSizeOf(own, blueprint.settings.environment).pool;
}
