export type {
  Clock,
  ConsumeOptions,
  DeadLetter,
  DeadLetterHandler,
  Message,
  MessageHandler,
  MessageVerdict,
  SendReport,
  Telemetry,
  Transport,
  TransportCapabilities,
} from "@punctual/core";
export { Conflict, InvalidInput, NO_TELEMETRY, NotFound, SchedulingError, Unavailable } from "@punctual/core";
export {
  API_VERSION,
  defineTransport,
  type OpenedTransport,
  type StandardSchema,
  type TransportContext,
  type TransportDefinition,
} from "./define-transport.js";
export { isPath } from "./import-from.js";
export { BadLogin, loadLogin, type Login, type OpenLogin } from "./load-login.js";
export { Envelopes, type Opened } from "./envelopes.js";
export {
  BadTransport,
  importFrom,
  loadTransport,
  type LoadTransportContext,
  VARIABLE_PREFIX,
  type Variables,
} from "./load-transport.js";
export { type Outgoing, type Received, type Receiving, sizeOf, type TextQueue } from "./queues/text-queue.js";
export { packed, type RequestLimits } from "./queues/packed.js";
export { QueueTransport, type QueueTransportDeps, REASON } from "./queues/queue-transport.js";
export type { Waits } from "./queues/consume-queue.js";
