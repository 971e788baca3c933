export { REASON, SQS_CAPABILITIES, SqsTransport } from "./transport/sqs-transport.js";
