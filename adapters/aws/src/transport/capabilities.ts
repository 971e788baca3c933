import type { TransportCapabilities } from "@punctual/core";
import { MOST_IN_BATCH } from "./queue.js";

export const SQS_CAPABILITIES: TransportCapabilities = {
  name: "sqs",
  maxDelaySeconds: 900,
  maxBatch: MOST_IN_BATCH,
  // SQS takes four times as much; ours hold ids, and what is larger is a mistake.
  maxBodyBytes: 262_144,
  ordering: "none",
  deadLetters: true,
  push: false,
  early: "transport",
};
