export { failureOf } from "./failure-of.js";
export { type Asked, FakeQueue } from "./fake-queue.js";
export { envelopes, messageOf, NOON, receivedOf } from "./messages.js";
export { passOn, turn } from "./turn.js";
