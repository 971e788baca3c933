import { API_VERSION, defineTransport } from "@punctual/adapter-sdk";
import { PUBSUB_CONFIG, type PubsubConfig } from "./config.js";
import { PUBSUB_CAPABILITIES } from "./transport/capabilities.js";
import { openPubsub } from "./transport/open-pubsub.js";

/** Pub/Sub, for a program that is told by `PUNCTUAL_TRANSPORT=@punctual/adapter-gcp/pubsub` to use it. */
export const transport = defineTransport<PubsubConfig>({
  name: "pubsub",
  apiVersion: API_VERSION,
  capabilities: PUBSUB_CAPABILITIES,
  config: PUBSUB_CONFIG,
  create: ({ config, ...deps }) => openPubsub(config, deps),
});
