export {};

export { claimsOf, startIssuer } from "./google-issuer.js";
export { openClients } from "../../src/transport/pubsub-client.js";
export { PubsubServer } from "./pubsub-server/index.js";
export { makeTopics, type Topics } from "./pubsub-topics.js";
