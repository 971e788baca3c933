import { RevisionMover, type RevisionMoverDeps } from "./revision-mover.js";

/** Services: what is shared is requests. */
export class CloudRunMover extends RevisionMover {
  constructor(deps: RevisionMoverDeps) {
    super(deps, { things: "services", named: "service", statuses: "trafficStatuses", part: 10 });
  }
}
