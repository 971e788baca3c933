export { awsWorld, type AwsPlace } from "./aws.js";
export { gcpWorld } from "./gcp.js";
export type { GcpPlace } from "./gcp-outputs.js";
