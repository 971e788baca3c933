import { given } from "../given.js";
import type { Cursors } from "../http/cursors.js";
import type { Route } from "../http/route.js";
import { destinationRoutes } from "./destinations.js";
import { docsRoutes } from "./docs.js";
import { eventRoutes } from "./events.js";
import { healthRoutes, type HealthOptions } from "./health.js";
import { scheduleRoutes } from "./schedules.js";
import { userRoutes } from "./users.js";
import { watchRoutes, type WatchOptions } from "./watch.js";

export interface RouteOptions extends HealthOptions, WatchOptions {
  readonly cursors: Cursors;
  /** Where the files of the reference are not at hand, it is not served; the document is, always. */
  readonly withoutReference?: boolean;
}

/** Every route of the contract. */
export function routesOf({
  cursors,
  stopping,
  longestStreamMs,
  withoutReference,
  ...health
}: RouteOptions): readonly Route[] {
  const lists = [scheduleRoutes, eventRoutes, destinationRoutes, userRoutes];
  return [
    ...lists.flatMap((routes) => routes(cursors)),
    ...watchRoutes(cursors, given({ stopping, longestStreamMs })),
    ...healthRoutes(cursors, health),
    ...(withoutReference === true ? [] : docsRoutes()),
  ];
}
