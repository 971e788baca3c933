// What those who run services on their own machine need of Google.
export { endpointOfEmulator, NO_EMULATOR } from "./pubsub-emulator.js";
export { PubsubServer, type PubsubServerOptions, type Sign } from "./pubsub-server/index.js";
export { makeTopics, PROJECT, type TopicOptions, type Topics } from "./pubsub-topics.js";
export { openClients } from "../../src/transport/pubsub-client.js";
export { claimsOf, startIssuer } from "./google-issuer.js";
export { startTasksServer, type TasksServerOptions } from "./tasks-server.js";
export { startFakeKms } from "./fake-cloud-kms.js";
export { startFakeSecretManager } from "./fake-secret-manager.js";
export { startMetadataServer } from "./metadata-server.js";
export { pullHarness, pushHarness } from "./pubsub-harness.js";
export { tasksHarness } from "./tasks-harness.js";
