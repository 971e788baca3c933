export { PUBSUB_CAPABILITIES, PUBSUB_PUSH_CAPABILITIES } from "./transport/capabilities.js";
export { CLOUD_TASKS_CAPABILITIES } from "./tasks/capabilities.js";
