import type { Destination } from "../destinations/destination.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import { liveDestination } from "./live-destination.js";

export interface DisableDestinationRequest {
  readonly tenant: string;
  readonly id: string;
  readonly because: "by_hand" | "gone" | "failing";
  readonly actor: string;
  readonly note?: string;
}

/** Closes a destination: what is due for it fails at once, and can be redriven when it is open again. */
export class DisableDestination {
  readonly #unitOfWork: UnitOfWork;

  constructor(deps: { readonly unitOfWork: UnitOfWork }) {
    this.#unitOfWork = deps.unitOfWork;
  }

  /** Disabling what is disabled changes nothing. */
  async run({ tenant, id, because, actor, note }: DisableDestinationRequest): Promise<Destination> {
    return this.#unitOfWork.run(tenant, async ({ destinations, audit, now }) => {
      const destination = await liveDestination(destinations, id);
      if (!destination.enabled) return destination;
      const revision = destination.revision + 1;
      const disabled = { ...destination, enabled: false, disabledBecause: because, revision, updatedAt: now };
      await destinations.save(disabled);
      await audit.record({ action: `destination.disabled.${because}`, subject: id, actor, note: note ?? null });
      return disabled;
    });
  }
}
