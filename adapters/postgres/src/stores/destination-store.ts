import { hash } from "node:crypto";
import type { InferEntity } from "@mikro-orm/core";
import { Conflict, type Destination, type DestinationInput, type DestinationStore, inlineKey } from "@punctual/core";
import { DestinationEntity } from "../schema/destination.js";
import { constraintOf, USES_DESTINATION } from "../errors.js";
import { BEFORE_ALL, changedOne, pageOf } from "./rows.js";
import type { Session } from "./session.js";

export class PostgresDestinationStore implements DestinationStore {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async add(destination: Destination): Promise<void> {
    await this.#session.em.insert(DestinationEntity, await this.#rowOf(destination));
  }

  async get(id: string): Promise<Destination | null> {
    const { em, tenant } = this.#session;
    const row = await em.findOne(DestinationEntity, { id, tenant }, { disableIdentityMap: true });
    return row === null ? null : destinationOf(row);
  }

  async findInline(like: DestinationInput): Promise<Destination | null> {
    const { em, tenant } = this.#session;
    const where = { tenant, inlineKey: digestOf(like), enabled: true };
    const row = await em.findOne(DestinationEntity, where, { disableIdentityMap: true });
    return row === null ? null : destinationOf(row);
  }

  async save(destination: Destination): Promise<void> {
    const { em, tenant } = this.#session;
    const { id, revision } = destination;
    const where = { id, tenant, revision: revision - 1 };
    changedOne(await em.nativeUpdate(DestinationEntity, where, await this.#rowOf(destination)), destination);
  }

  async remove(id: string): Promise<void> {
    const { em, tenant } = this.#session;
    try {
      await em.nativeDelete(DestinationEntity, { id, tenant });
    } catch (error) {
      if (constraintOf(error) !== USES_DESTINATION) throw error;
      throw new Conflict("destination_in_use", `A schedule uses destination ${id}`);
    }
  }

  async list(query: { readonly limit: number; readonly after?: string }): Promise<readonly Destination[]> {
    const { em, tenant } = this.#session;
    const where = { tenant, id: { $gt: query.after ?? BEFORE_ALL } };
    return (await em.find(DestinationEntity, where, pageOf(query))).map(destinationOf);
  }

  /** One that is enabled again beside an equal one is not the one that new schedules share. */
  async #rowOf(destination: Destination) {
    const { tenant } = this.#session;
    const shared = destination.inline && destination.enabled ? await this.findInline(destination) : null;
    const free = destination.inline && (shared === null || shared.id === destination.id);
    return { ...destination, tenant, inlineKey: free ? digestOf(destination) : null };
  }
}

function digestOf(destination: DestinationInput): string {
  return hash("sha256", inlineKey(destination), "base64url");
}

function destinationOf(row: InferEntity<typeof DestinationEntity>): Destination {
  const { inlineKey: _, ratePerSecond, concurrency, disabledBecause, ...rest } = row;
  return {
    ...rest,
    ratePerSecond: ratePerSecond ?? null,
    concurrency: concurrency ?? null,
    disabledBecause: disabledBecause ?? null,
  };
}
