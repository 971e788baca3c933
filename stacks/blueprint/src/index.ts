export { type Bindings, needs, plainBindings } from "./bindings.js";
export { type Blueprint, blueprintOf } from "./blueprint.js";
export type { Cloud, PlatformOutputs, ReleaseTarget } from "./cloud.js";
export { actingAs, databaseRoles } from "./database-roles.js";
export { DEFAULTS, type EnvironmentDefaults, type EnvironmentName, ENVIRONMENTS } from "./environments.js";
export {
  loadTransport,
  type LoadTransportOptions,
  type TransportFault,
  type TransportObjection,
  type TransportReading,
} from "./load-transport.js";
export { type Names, namesOf } from "./names.js";
export {
  adviceOf,
  type Objective,
  type ObjectiveId,
  OBJECTIVES,
  objectivesOf,
  type Runbook,
  RUNBOOKS,
  type WorkloadObjective,
} from "./objectives.js";
export {
  parseStackName,
  type Raw,
  readBy,
  type Reading,
  readSettings,
  SETTING_NAMES,
  type Settings,
  type StackName,
} from "./settings.js";
export { type Runtime, type Scheduler, type Shape } from "./shape.js";
export { tagsOf } from "./tags.js";
export {
  type MakeTransport,
  TRANSPORT_PREFIX,
  TRANSPORT_STACK_VERSION,
  transportBindings,
  type TransportPart,
  type TransportStack,
} from "./transport.js";
export {
  type Need,
  type Queue,
  type QueueName,
  queuesOf,
  type SecretName,
  type Trigger,
  type Workload,
  type WorkloadName,
  workloadsOf,
} from "./workloads.js";
