export { SQS_CAPABILITIES } from "./transport/capabilities.js";
