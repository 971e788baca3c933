export { type AuthorizerHandler, authorizerHandler } from "./authorizer/authorizer-handler.js";
export { type ApiHandler, apiHandler } from "./http/api-handler.js";
export { type Around, type Invocation, within } from "./invocation.js";
export { databasePassword, type DatabasePasswordOptions } from "./secrets/database-password.js";
export { openKms, openSecrets } from "./secrets/open-secrets.js";
export { EmfTelemetry } from "./telemetry/emf-telemetry.js";
export { tickHandler } from "./tick/tick-handler.js";
export { type OpenSqs, openSqs } from "./transport/open-sqs.js";
export { deadLetterHandler, type SqsEvent, type SqsResponse, workerHandler } from "./transport/records.js";
