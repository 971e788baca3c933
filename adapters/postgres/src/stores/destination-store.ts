import { hash } from "node:crypto";
import type { InferEntity } from "@mikro-orm/core";
import { Conflict, type Destination, type DestinationInput, type DestinationStore, inlineKey } from "@punctual/core";
import { DestinationEntity } from "../schema/destination.js";
import { constraintOf, USES_DESTINATION } from "../errors.js";
import { secretRows, secretsOf } from "./destination-row.js";
import { behind, changedOne, isId, pageOf } from "./rows.js";
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
    if (!isId(id)) return null;
    const { em, tenant } = this.#session;
    const row = await em.findOne(DestinationEntity, { id, tenant }, { disableIdentityMap: true });
    return row === null ? null : destinationOf(row);
  }

  async findInline(like: DestinationInput): Promise<Destination | null> {
    const { em, tenant } = this.#session;
    const where = { tenant, inlineKey: digestOf(like), enabled: true };
    const options = { orderBy: { shared: "desc", id: "asc" }, disableIdentityMap: true } as const;
    const row = await em.findOne(DestinationEntity, where, options);
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
    if (!isId(id)) return;
    try {
      await em.nativeDelete(DestinationEntity, { id, tenant });
    } catch (error) {
      if (!USES_DESTINATION.has(constraintOf(error) ?? "")) throw error;
      throw new Conflict("destination_in_use", `A schedule uses destination ${id}`);
    }
  }

  async list(query: { readonly limit: number; readonly after?: string }): Promise<readonly Destination[]> {
    const { em, tenant } = this.#session;
    const where = { tenant, id: { $gt: behind(query.after) } };
    return (await em.find(DestinationEntity, where, pageOf(query))).map(destinationOf);
  }

  /** Of equal ones that schedules may share one is marked, so that two cannot be made at once. */
  async #rowOf(destination: Destination) {
    const { tenant } = this.#session;
    const { inline, enabled, id } = destination;
    const other = inline && enabled ? await this.findInline(destination) : null;
    const shared = inline && (other === null || other.id === id);
    const secrets = secretRows(destination.secrets);
    return { ...destination, secrets, tenant, inlineKey: inline ? digestOf(destination) : null, shared };
  }
}

function digestOf(destination: DestinationInput): string {
  return hash("sha256", inlineKey(destination), "base64url");
}

function destinationOf(row: InferEntity<typeof DestinationEntity>): Destination {
  const { inlineKey: _, shared: __, ratePerSecond, concurrency, ackWithinMs, disabledBecause, ...rest } = row;
  return {
    ...rest,
    ratePerSecond: ratePerSecond ?? null,
    concurrency: concurrency ?? null,
    ackWithinMs: ackWithinMs ?? null,
    secrets: secretsOf(row.secrets),
    disabledBecause: disabledBecause ?? null,
  };
}
