import type { Blueprint } from "@punctual/stack-blueprint";
import { connectionsOf, connectionsWantedBy } from "./connections.js";
import { objectionsToContainers } from "./containers/objections.js";
import { KEPT_DAYS } from "./kept-days.js";
import { AWS_DEFAULTS, type AwsSettings, gatewaysOf, instanceClassOf, TIMES, visibilityOf } from "./settings.js";

/** What of its settings the blueprint, or AWS, forbids. */
export function objectionsToAws(own: AwsSettings, blueprint: Blueprint): readonly string[] {
  return [
    ...objectionsToWays(own, blueprint),
    ...objectionsToWaiting(own, blueprint),
    ...objectionsToConnections(own, blueprint),
    ...objectionsToRuntime(own, blueprint),
    ...objectionsToKeeping(own, blueprint),
    ...objectionsToName(own, blueprint),
  ];
}

function objectionsToWays(own: AwsSettings, { settings, defaults }: Blueprint): readonly string[] {
  const nat = gatewaysOf(own, settings);
  return [
    ...(nat === 0 && settings.receivers === "anywhere"
      ? [
          "aws.natGateways is 0, and receivers outside the network could not be reached; receivers: inside says that there are none",
        ]
      : []),
    ...(nat === 0 && settings.tokens.kind === "jwks"
      ? ["aws.natGateways is 0, and tokens.kind is jwks: the keys of the issuer could not be asked for"]
      : []),
    ...(nat > defaults.zones
      ? [`aws.natGateways is ${String(nat)}, and there are ${String(defaults.zones)} zones`]
      : []),
  ];
}

function objectionsToWaiting(own: AwsSettings, { workloads }: Blueprint): readonly string[] {
  const worker = workloads.find(({ trigger }) => trigger.kind === "queue" && trigger.queue === "events");
  if (worker === undefined) return [];
  const least = TIMES * worker.timeoutSeconds;
  return visibilityOf(own, worker.timeoutSeconds) < least
    ? [
        `aws.visibilitySeconds is ${String(own.visibilitySeconds)}, and six times what the worker may take is ${String(least)}`,
      ]
    : [];
}

function objectionsToRuntime(own: AwsSettings, blueprint: Blueprint): readonly string[] {
  switch (blueprint.settings.shape.runtime) {
    case "serverless":
      return objectionsToArtifacts(own, blueprint);
    case "containers":
      return objectionsToContainers(own, blueprint);
  }
}

/** Workloads multiply by themselves, up to what was planned: then the database must bear them. */
function objectionsToConnections(own: AwsSettings, blueprint: Blueprint): readonly string[] {
  const { settings } = blueprint;
  const instanceClass = instanceClassOf(own, settings);
  const [wanted, allowed] = [connectionsWantedBy(blueprint), connectionsOf(instanceClass)];
  if (allowed === undefined)
    return [`aws.database.instanceClass is ${instanceClass}, and how many connections it bears is not known`];
  return wanted > allowed
    ? [
        `aws.database.instanceClass is ${instanceClass}, which bears ${String(allowed)} connections, and workloads may want ${String(wanted)}`,
      ]
    : [];
}

function objectionsToArtifacts({ artifacts }: AwsSettings, blueprint: Blueprint): readonly string[] {
  if ("folder" in artifacts) return [];
  return blueprint.workloads
    .filter(({ name }) => artifacts.keys[name] === undefined)
    .map(({ name }) => `aws.artifacts.keys does not say where ${name} is`);
}

function objectionsToKeeping(own: AwsSettings, { settings, defaults }: Blueprint): readonly string[] {
  const { logDays } = settings;
  const { storageGb, mostStorageGb } = { ...AWS_DEFAULTS[settings.environment], ...own.database };
  return [
    ...(defaults.backups.elsewhere && own.backupRegion === undefined
      ? [`aws.backupRegion is needed in ${settings.environment}: its backups are copied to another region`]
      : []),
    ...(own.backupRegion === own.region ? ["aws.backupRegion is the region itself"] : []),
    ...(logDays !== undefined && !KEPT_DAYS.includes(logDays)
      ? [`logDays is ${String(logDays)}, and CloudWatch keeps logs for one of ${KEPT_DAYS.join(", ")}`]
      : []),
    ...(mostStorageGb <= storageGb
      ? [`aws.database.mostStorageGb is ${String(mostStorageGb)}, and it begins with ${String(storageGb)}`]
      : []),
  ];
}

/** By its id: to find it by its name the program would have to ask AWS. */
function objectionsToName(_own: AwsSettings, { settings: { zone } }: Blueprint): readonly string[] {
  if (zone === undefined || /^Z[A-Z\d]{8,}$/.test(zone)) return [];
  return [`zone is ${zone}, and on AWS it must be the id of a hosted zone, such as Z0123456789ABCDEFGHIJ`];
}
