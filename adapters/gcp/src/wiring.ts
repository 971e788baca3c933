export { CallerRefused, type WhyRefused } from "./auth/caller-refused.js";
export { type Caller, type Callers, callersOf, type CallersOptions } from "./auth/callers.js";
export {
  type Asked,
  DRAIN_MS,
  type Handler,
  type Reply,
  serve,
  type Service,
  type ServiceOptions,
} from "./http/service.js";
export { objectionToDeadline, tickRoute, type TickRouteDeps } from "./http/tick-route.js";
export { traceparentOf } from "./http/traceparent.js";
export { type OpenPubsub, openPubsub, openPushedPubsub } from "./transport/open-pubsub.js";
export { deadLetterPushHandler, type PushAnswer, type PushHandler, pushHandler } from "./transport/pushed.js";
export { type OpenCloudTasks, openCloudTasks } from "./tasks/open-cloud-tasks.js";
export { taskIn, taskRoute, type TaskRouteDeps } from "./tasks/task-route.js";
export { type EndpointOptions, openKms, openSecrets } from "./secrets/open-secrets.js";
export { databasePassword, type DatabasePasswordOptions } from "./secrets/database-password.js";
