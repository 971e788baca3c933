import { hash } from "node:crypto";
import { Conflict, type Destination, type DestinationInput, type DestinationStore, inlineKey } from "@punctual/core";
import { constraintOf, USES_DESTINATION } from "../errors.js";
import { COLUMNS, destinationOf, type DestinationRow, secretRows } from "./destination-row.js";
import { behind, changedOne, isId, writing } from "./rows.js";
import type { Session } from "./session.js";

export class PostgresDestinationStore implements DestinationStore {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async add(destination: Destination): Promise<void> {
    await this.#session.query(WRITE.insert, [await this.#row(destination)]);
  }

  async get(id: string): Promise<Destination | null> {
    if (!isId(id)) return null;
    const [destination] = await this.#read("id = $2", [id]);
    return destination ?? null;
  }

  async findInline(like: DestinationInput): Promise<Destination | null> {
    const condition = "inline_key = $2 and enabled order by shared desc, id limit 1";
    const [destination] = await this.#read(condition, [digestOf(like)]);
    return destination ?? null;
  }

  async save(destination: Destination): Promise<void> {
    const changed = await this.#session.query(WRITE.update, [await this.#row(destination)]);
    changedOne(changed.length, destination);
  }

  async remove(id: string): Promise<void> {
    if (!isId(id)) return;
    try {
      const text = "delete from destinations where id = $1 and tenant = $2";
      await this.#session.query(text, [id, this.#session.tenant]);
    } catch (error) {
      if (!USES_DESTINATION.has(constraintOf(error) ?? "")) throw error;
      throw new Conflict("destination_in_use", `A schedule uses destination ${id}`);
    }
  }

  async list({ limit, after }: { readonly limit: number; readonly after?: string }): Promise<readonly Destination[]> {
    return this.#read("id > $2 order by id limit $3", [behind(after), limit]);
  }

  async #read(condition: string, values: readonly unknown[]): Promise<Destination[]> {
    const text = `select ${COLUMNS.join(", ")} from destinations where tenant = $1 and ${condition}`;
    return (await this.#session.query<DestinationRow>(text, [this.#session.tenant, ...values])).map(destinationOf);
  }

  /** Of equal ones that schedules may share one is marked, so that two cannot be made at once. */
  async #row(destination: Destination): Promise<string> {
    const { id, kind, url, method, headers, concurrency, enabled, inline, revision } = destination;
    const other = inline && enabled ? await this.findInline(destination) : null;
    const row = {
      ...{ id, kind, url, method, headers, concurrency, enabled, inline, revision },
      tenant: this.#session.tenant,
      rate_per_second: destination.ratePerSecond,
      timeout_ms: destination.timeoutMs,
      ack_within_ms: destination.ackWithinMs,
      secrets: secretRows(destination.secrets),
      disabled_because: destination.disabledBecause,
      inline_key: inline ? digestOf(destination) : null,
      shared: inline && (other === null || other.id === id),
      created_at: destination.createdAt,
      updated_at: destination.updatedAt,
    };
    return JSON.stringify([row]);
  }
}

const WRITE = writing("destinations", [...COLUMNS, "inline_key", "shared"]);

function digestOf(destination: DestinationInput): string {
  return hash("sha256", inlineKey(destination), "base64url");
}
