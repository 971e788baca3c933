import type { Destination } from "../destinations/destination.js";
import { type DestinationInput, inlineKey } from "../destinations/parse-destination.js";
import { Conflict } from "../errors.js";
import type { DestinationStore } from "../ports/destination-store.js";
import { checkRevision, own, page } from "./rows.js";
import type { MemoryTables } from "./tables.js";

export class MemoryDestinationStore implements DestinationStore {
  readonly #tables: MemoryTables;
  readonly #tenant: string;

  constructor(tables: MemoryTables, tenant: string) {
    this.#tables = tables;
    this.#tenant = tenant;
  }

  async add(destination: Destination): Promise<void> {
    this.#tables.insert(this.#tables.destinations, { ...destination, tenant: this.#tenant });
  }

  async get(id: string): Promise<Destination | null> {
    return own(this.#tables.destinations.get(id), this.#tenant);
  }

  async findInline(like: DestinationInput): Promise<Destination | null> {
    const wanted = inlineKey(like);
    for (const one of this.#tables.destinations.values()) {
      if (one.inline && one.enabled && one.tenant === this.#tenant && inlineKey(one) === wanted) return one;
    }
    return null;
  }

  async save(destination: Destination): Promise<void> {
    checkRevision(await this.get(destination.id), destination);
    this.#tables.put(this.#tables.destinations, { ...destination, tenant: this.#tenant });
  }

  async remove(id: string): Promise<void> {
    if ((await this.get(id)) === null) return;
    for (const schedule of this.#tables.schedules.values()) {
      const { destinationId, onSuccess, onFailure, status } = schedule;
      if (status !== "deleted" && [destinationId, onSuccess, onFailure].includes(id)) {
        throw new Conflict("destination_in_use", `Schedule ${schedule.id} uses destination ${id}`);
      }
    }
    this.#tables.remove(this.#tables.destinations, id);
  }

  async list(query: { readonly limit: number; readonly after?: string }): Promise<readonly Destination[]> {
    return page(this.#tables.destinations, this.#tenant, query);
  }
}
