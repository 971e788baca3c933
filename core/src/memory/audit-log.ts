import type { AuditEntry, AuditLog } from "../ports/audit-log.js";
import type { MemoryTables } from "./tables.js";

export class MemoryAuditLog implements AuditLog {
  readonly #tables: MemoryTables;
  readonly #tenant: string;
  readonly #now: Date;

  constructor(tables: MemoryTables, tenant: string, now: Date) {
    this.#tables = tables;
    this.#tenant = tenant;
    this.#now = now;
  }

  async record(entry: AuditEntry): Promise<void> {
    this.#tables.addAudit({ ...entry, tenant: this.#tenant, at: this.#now });
  }

  async list(subject: string, limit: number): Promise<readonly (AuditEntry & { readonly at: Date })[]> {
    return this.#tables.audit
      .filter((entry) => entry.tenant === this.#tenant && entry.subject === subject)
      .map(({ tenant: _, ...entry }) => entry)
      .reverse()
      .slice(0, limit);
  }
}
