import { Conflict, NotFound } from "../errors.js";
import type { Destination } from "../destinations/destination.js";
import type { DestinationStore } from "../ports/destination-store.js";

/** The destination, if it is there and, where the caller says which, at the revision that the caller has seen. */
export async function liveDestination(
  destinations: DestinationStore,
  id: string,
  revision?: number,
): Promise<Destination> {
  const destination = await destinations.get(id);
  if (destination === null) throw new NotFound("destination", id);
  if (revision !== undefined && revision !== destination.revision) {
    const message = `Destination ${id} is at revision ${destination.revision}, not ${revision}`;
    throw new Conflict("stale_revision", message);
  }
  return destination;
}
