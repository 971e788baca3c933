import { RevisionMover, type RevisionMoverDeps } from "./revision-mover.js";

/** Pools of workers: what is shared is instances, of which there are few, so that a tenth of them may be none. */
export class PoolMover extends RevisionMover {
  constructor(deps: RevisionMoverDeps) {
    super(deps, { things: "workerPools", named: "pool", statuses: "instanceSplitStatuses", part: 50 });
  }
}
