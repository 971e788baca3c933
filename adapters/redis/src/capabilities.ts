import type { TransportCapabilities } from "@punctual/adapter-sdk";

export const REDIS_CAPABILITIES: TransportCapabilities = {
  name: "redis",
  // Redis holds for any time; what waits longer than this is better kept by the store.
  maxDelaySeconds: 30 * 86_400,
  maxBatch: 100,
  maxBodyBytes: 262_144,
  ordering: "none",
  deadLetters: true,
  push: false,
  early: "transport",
};
