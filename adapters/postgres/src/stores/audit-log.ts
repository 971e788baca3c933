import type { AuditEntry, AuditLog } from "@punctual/core";
import type { Session } from "./session.js";

type Entry = AuditEntry & { readonly at: Date };

export class PostgresAuditLog implements AuditLog {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async record({ action, subject, actor, note }: AuditEntry): Promise<void> {
    const { tenant, now } = this.#session;
    const text = "insert into audit_log (tenant, action, subject, actor, note, at) values ($1, $2, $3, $4, $5, $6)";
    await this.#session.query(text, [tenant, action, subject, actor, note, now]);
  }

  async list(subject: string, limit: number): Promise<readonly Entry[]> {
    const text = `select action, subject, actor, note, at from audit_log
      where tenant = $1 and subject = $2 order by id desc limit $3`;
    return this.#session.query<Entry>(text, [this.#session.tenant, subject, limit]);
  }
}
