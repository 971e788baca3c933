import type { Destination } from "../destinations/destination.js";
import type { DestinationInput } from "../destinations/parse-destination.js";

/**
 * The destinations of one tenant, within a transaction. Every adapter promises:
 *   D1. `save` writes only over the revision before; any other ends in `stale_revision`;
 *   D2. `findInline` gives the enabled one that was made from the same URL, with the same method, headers and limits;
 *   D3. a destination that a schedule uses, for its events or to tell of them, is not removed: `destination_in_use`;
 *   D4. lists run in the order of ids, each entry once.
 */
export interface DestinationStore {
  add(destination: Destination): Promise<void>;
  get(id: string): Promise<Destination | null>;
  findInline(like: DestinationInput): Promise<Destination | null>;
  save(destination: Destination): Promise<void>;
  remove(id: string): Promise<void>;
  list(query: { readonly limit: number; readonly after?: string }): Promise<readonly Destination[]>;
}
