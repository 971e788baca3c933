// What those who test against AWS on their own machine need of it.
export { startFakeKms } from "./fake-kms.js";
export { startFakeSecretsManager } from "./fake-secrets-manager.js";
export { describeWithMoto } from "./moto.js";
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
