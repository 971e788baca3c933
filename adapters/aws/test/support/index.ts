// What those who run functions on their own machine need of AWS.
export { startFakeKms } from "./fake-kms.js";
export { startFakeSecretsManager } from "./fake-secrets-manager.js";
export {
  makeQueues,
  makeQueuesOf,
  NOBODY,
  type Peeked,
  type QueueAttributes,
  type QueueOptions,
  type Queues,
} from "./queues.js";
export { sqsHarness } from "./sqs-harness.js";
