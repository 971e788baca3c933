export type { Sign } from "./push.js";
export { PubsubServer, type PubsubServerOptions } from "./server.js";
