import type { TransportCapabilities } from "@punctual/core";

export const CLOUD_TASKS_CAPABILITIES: TransportCapabilities = {
  name: "cloud-tasks",
  maxDelaySeconds: 2_592_000,
  maxBatch: 100,
  // Cloud Tasks takes ten times as much; ours hold ids, and what is larger is a mistake.
  maxBodyBytes: 100_000,
  ordering: "none",
  // It forgets what was tried too often.
  deadLetters: false,
  push: true,
  early: "transport",
};
