import { Conflict, NotFound } from "../errors.js";
import type { Destination } from "../destinations/destination.js";
import { parseDestination } from "../destinations/parse-destination.js";
import { isJsonObject } from "../input/fields.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";

export interface ChangeDestinationRequest {
  readonly tenant: string;
  readonly id: string;
  /** The fields to change; null takes one back to its default (RFC 7396). */
  readonly patch: unknown;
  readonly revision?: number;
}

/** Changes where events go. It holds for every request that starts afterwards (I7). */
export class ChangeDestination {
  readonly #unitOfWork: UnitOfWork;

  constructor(deps: { readonly unitOfWork: UnitOfWork }) {
    this.#unitOfWork = deps.unitOfWork;
  }

  async run({ tenant, id, patch, revision }: ChangeDestinationRequest): Promise<Destination> {
    return this.#unitOfWork.run(tenant, async ({ destinations, now }) => {
      const destination = await destinations.get(id);
      if (destination === null) throw new NotFound("destination", id);
      if (revision !== undefined && revision !== destination.revision) {
        throw new Conflict(
          "stale_revision",
          `Destination ${id} is at revision ${destination.revision}, not ${revision}`,
        );
      }
      const input = parseDestination(isJsonObject(patch) ? merge(destination, patch) : patch);
      // Changed by its own id it is no longer the one that its old URL stands for.
      const changed = { ...destination, ...input, inline: false, revision: destination.revision + 1, updatedAt: now };
      await destinations.save(changed);
      return changed;
    });
  }
}

function merge(destination: Destination, patch: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { kind, url, method, headers, ratePerSecond, concurrency, timeoutMs } = destination;
  const merged = { kind, url, method, headers, ratePerSecond, concurrency, timeoutMs, ...patch };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}
