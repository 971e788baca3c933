import type { Destination } from "../destinations/destination.js";
import { parseDestination } from "../destinations/parse-destination.js";
import type { Ids } from "../ports/ids.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import { newDestination } from "./destination-for.js";

export interface CreateDestinationDeps {
  readonly unitOfWork: UnitOfWork;
  readonly ids: Ids;
}

export class CreateDestination {
  readonly #deps: CreateDestinationDeps;

  constructor(deps: CreateDestinationDeps) {
    this.#deps = deps;
  }

  async run({ tenant, input }: { readonly tenant: string; readonly input: unknown }): Promise<Destination> {
    const { unitOfWork, ids } = this.#deps;
    const parsed = parseDestination(input);
    return unitOfWork.run(tenant, async ({ destinations, now }) => {
      const destination = newDestination(parsed, { id: ids.next(), tenant, now, inline: false });
      await destinations.add(destination);
      return destination;
    });
  }
}
