import type { Operation } from "./operation.js";
import { destinations } from "./destinations.js";
import { docs } from "./docs.js";
import { events } from "./events.js";
import { operations } from "./health.js";
import { schedules } from "./schedules.js";
import { originalUsers, users } from "./users.js";
import { watch } from "./watch.js";

export { destinations } from "./destinations.js";
export { docs } from "./docs.js";
export { events } from "./events.js";
export { operations } from "./health.js";
export { schedules } from "./schedules.js";
export { originalUsers, users } from "./users.js";
export { watch } from "./watch.js";
export { mediaTypeOf, openApiOf, refusalsOf } from "./openapi.js";
export type { Access, BodyOf, Method, Operation, ParamsOf, QueryOf } from "./operation.js";

/** Every route that there is. */
export const contract: readonly Operation[] = [
  ...Object.values<Operation>(schedules),
  ...Object.values<Operation>(events),
  ...Object.values<Operation>(destinations),
  ...Object.values<Operation>(users),
  ...Object.values<Operation>(originalUsers),
  ...Object.values<Operation>(watch),
  ...Object.values<Operation>(operations),
  ...Object.values<Operation>(docs),
];
