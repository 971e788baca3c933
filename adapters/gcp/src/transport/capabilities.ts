import type { TransportCapabilities } from "@punctual/core";

export const PUBSUB_CAPABILITIES: TransportCapabilities = {
  name: "pubsub",
  maxDelaySeconds: 0,
  maxBatch: 100,
  // Pub/Sub takes forty times as much; ours hold ids, and what is larger is a mistake.
  maxBodyBytes: 262_144,
  ordering: "none",
  deadLetters: true,
  push: false,
  early: "scheduler",
};

/** Where Pub/Sub pushes to a service over HTTP. */
export const PUBSUB_PUSH_CAPABILITIES: TransportCapabilities = { ...PUBSUB_CAPABILITIES, push: true };
