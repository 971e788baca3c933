import type { AuditEntry, AuditLog } from "@punctual/core";
import { AuditEntryEntity } from "../schema/audit-entry.js";
import type { Session } from "./session.js";

export class PostgresAuditLog implements AuditLog {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async record({ action, subject, actor, note }: AuditEntry): Promise<void> {
    const { em, tenant, now } = this.#session;
    await em.insert(AuditEntryEntity, { tenant, action, subject, actor, note, at: now });
  }

  async list(subject: string, limit: number): Promise<readonly (AuditEntry & { readonly at: Date })[]> {
    const { em, tenant } = this.#session;
    const rows = await em.find(
      AuditEntryEntity,
      { tenant, subject },
      { orderBy: { id: "desc" }, limit, disableIdentityMap: true },
    );
    return rows.map(({ action, subject, actor, note, at }) => ({ action, subject, actor, note: note ?? null, at }));
  }
}
