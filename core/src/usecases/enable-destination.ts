import type { Destination } from "../destinations/destination.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import { liveDestination } from "./live-destination.js";

export interface EnableDestinationRequest {
  readonly tenant: string;
  readonly id: string;
  readonly actor: string;
  readonly note?: string;
}

/** Opens a destination again. What failed meanwhile stays failed until it is redriven, at a rate of the caller's choice. */
export class EnableDestination {
  readonly #unitOfWork: UnitOfWork;

  constructor(deps: { readonly unitOfWork: UnitOfWork }) {
    this.#unitOfWork = deps.unitOfWork;
  }

  /** Enabling what is enabled changes nothing. */
  async run({ tenant, id, actor, note }: EnableDestinationRequest): Promise<Destination> {
    return this.#unitOfWork.run(tenant, async ({ destinations, audit, now }) => {
      const destination = await liveDestination(destinations, id);
      if (destination.enabled) return destination;
      const revision = destination.revision + 1;
      const enabled = { ...destination, enabled: true, disabledBecause: null, revision, updatedAt: now };
      await destinations.save(enabled);
      await audit.record({ action: "destination.enabled", subject: id, actor, note: note ?? null });
      return enabled;
    });
  }
}
