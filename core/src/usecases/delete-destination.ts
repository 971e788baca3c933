import type { UnitOfWork } from "../ports/unit-of-work.js";
import { liveDestination } from "./live-destination.js";

export interface DeleteDestinationRequest {
  readonly tenant: string;
  readonly id: string;
  readonly actor: string;
  readonly note?: string;
  readonly revision?: number;
}

/** Removes a destination that no schedule uses: `destination_in_use` where one does. */
export class DeleteDestination {
  readonly #unitOfWork: UnitOfWork;

  constructor(deps: { readonly unitOfWork: UnitOfWork }) {
    this.#unitOfWork = deps.unitOfWork;
  }

  async run({ tenant, id, actor, note, revision }: DeleteDestinationRequest): Promise<void> {
    await this.#unitOfWork.run(tenant, async ({ destinations, audit }) => {
      await liveDestination(destinations, id, revision);
      await destinations.remove(id);
      await audit.record({ action: "destination.deleted", subject: id, actor, note: note ?? null });
    });
  }
}
