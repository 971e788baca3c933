import type { DataKeys, Transport } from "@punctual/core";
import { ports } from "@punctual/core/wiring";
import { ContainerModule } from "inversify";

export { type AuthorizerHandler, authorizerHandler } from "./authorizer/authorizer-handler.js";
export { type ApiHandler, apiHandler } from "./http/api-handler.js";
export { type Around, type Invocation, within } from "./invocation.js";
export { openKms, openSecrets } from "./secrets/open-secrets.js";
export { EmfTelemetry } from "./telemetry/emf-telemetry.js";
export { tickHandler } from "./tick/tick-handler.js";
export { type OpenSqs, openSqs } from "./transport/open-sqs.js";
export { deadLetterHandler, type SqsEvent, type SqsResponse, workerHandler } from "./transport/records.js";

/** Binds a transport that is open. */
export function transportModule(transport: Transport): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(ports.transport).toConstantValue(transport);
  });
}

/** Binds what keeps the keys that seal secrets. */
export function dataKeysModule(dataKeys: DataKeys): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(ports.dataKeys).toConstantValue(dataKeys);
  });
}
