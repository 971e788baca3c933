import type { Blueprint } from "@punctual/stack-blueprint";
import { accountIdOf } from "./accounts.js";
import { budgetOf, connectionsOf } from "./connections.js";
import { connectionsOfContainers, LEAST_POOL } from "./containers/sizes.js";
import { databaseSizeOf } from "./defaults.js";
import { workloadsOn } from "./differences.js";
import { connectionsWanted } from "./scaling.js";
import type { GcpSettings } from "./settings.js";

/** PostgreSQL cuts longer names, and then nobody of that name is there. */
const LONGEST_USER = 63;

export function objectionsToGcp(own: GcpSettings, blueprint: Blueprint): readonly string[] {
  const { settings } = blueprint;
  return [
    ...toWhatIsSeen(own, blueprint),
    ...toTheDatabase(own, blueprint),
    ...toTheQueue(own, blueprint),
    ...toTheContainers(own, blueprint),
    ...(settings.environment !== "dev" && settings.domain === undefined
      ? [`domain is needed in ${settings.environment}: without one nothing stands before the API that could filter`]
      : []),
  ];
}

function toWhatIsSeen(own: GcpSettings, { settings }: Blueprint): readonly string[] {
  const { environment, domain } = settings;
  return [
    ...(environment !== "dev" && own.collectorImage === undefined
      ? [`gcp.collectorImage is needed in ${environment}: alarms on what Punctual measures would be blind`]
      : []),
    ...(own.console && domain === undefined ? ["gcp.console is true, and there is no domain to show it at"] : []),
  ];
}

function toTheDatabase(own: GcpSettings, blueprint: Blueprint): readonly string[] {
  const { settings, defaults, names } = blueprint;
  const { tier, storageGb, mostStorageGb } = databaseSizeOf(own, settings.environment);
  const { wanted, most } = connectionsIn(own, blueprint, tier);
  const users = workloadsOn(blueprint).map(({ name }) => `${accountIdOf(names, name)}@${own.project}.iam`);
  return [
    ...(wanted > most
      ? [`instances would have ${String(wanted)} connections, and of ${tier} they may have ${String(most)}`]
      : []),
    ...(mostStorageGb < storageGb
      ? [`gcp.database.mostStorageGb is ${String(mostStorageGb)}, less than ${String(storageGb)} to begin with`]
      : []),
    ...users
      .filter((user) => user.length > LONGEST_USER)
      .map((user) => `${user} has ${String(user.length)} letters, and a user of PostgreSQL ${String(LONGEST_USER)}`),
    ...(defaults.backups.elsewhere && own.backupLocation === undefined
      ? [`gcp.backupLocation is needed in ${settings.environment}: its backups are kept elsewhere`]
      : []),
    ...(own.backupLocation === own.region ? ["gcp.backupLocation is the region itself"] : []),
  ];
}

function connectionsIn(own: GcpSettings, blueprint: Blueprint, tier: string) {
  const { runtime } = blueprint.settings.shape;
  switch (runtime) {
    case "serverless":
      return { wanted: connectionsWanted(own, blueprint), most: budgetOf(tier) };
    case "containers":
      return { wanted: connectionsOfContainers(own, blueprint), most: connectionsOf(tier) };
  }
}

function toTheContainers({ database, traffic, started }: GcpSettings, { settings }: Blueprint): readonly string[] {
  if (settings.shape.runtime !== "containers") {
    return started ? [] : ["gcp.started is false, and what is no container waits to be called in any case"];
  }
  const { pool = LEAST_POOL } = database;
  return [
    ...(pool < LEAST_POOL
      ? [`gcp.database.pool is ${String(pool)}, and a container begins with ${String(LEAST_POOL)}`]
      : []),
    ...Object.keys(traffic)
      .filter((name) => name !== "api" && name !== "worker")
      .map((name) => `gcp.traffic.${name} is set, and of containers the api and workers alone are shifted`),
  ];
}

/** Only what is pushed is waited for. */
function toTheQueue(own: GcpSettings, blueprint: Blueprint): readonly string[] {
  const worker = workloadsOn(blueprint).find(({ trigger }) => trigger.kind === "queue" && trigger.queue === "events");
  if (worker === undefined || own.ackDeadlineSeconds >= worker.timeoutSeconds) return [];
  return [
    `gcp.ackDeadlineSeconds is ${String(own.ackDeadlineSeconds)}, and the worker may take ${String(worker.timeoutSeconds)}`,
  ];
}
