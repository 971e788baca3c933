export { gcp } from "./cloud.js";
export { LEFT_OUT, LEAST_RECEIVES, workloadsOn } from "./differences.js";
export { type Grant, grantsOf } from "./grants.js";
export { type GcpSettings, readGcpSettings } from "./settings.js";
export type { GcpGround, GcpTransportPart, MakeGcpTransport } from "./transport.js";
