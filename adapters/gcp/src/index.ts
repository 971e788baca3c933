export { PUBSUB_CAPABILITIES, PUBSUB_PUSH_CAPABILITIES } from "./transport/capabilities.js";
