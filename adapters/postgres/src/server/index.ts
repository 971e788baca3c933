export { databaseOn } from "./database-on.js";
export { startContainer } from "./container-server.js";
export { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from "./embedded-server.js";
export { findServer, type FindOptions } from "./find-server.js";
export { useGiven } from "./given-server.js";
export type { PostgresServer, ServerOptions } from "./postgres-server.js";
