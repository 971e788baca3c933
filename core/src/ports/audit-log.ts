/** Who did what, when and why. Every adapter promises: A1. an entry, once recorded, is neither changed nor lost. */
export interface AuditLog {
  record(entry: AuditEntry): Promise<void>;
  /** The newest first. */
  list(subject: string, limit: number): Promise<readonly (AuditEntry & { readonly at: Date })[]>;
}

export interface AuditEntry {
  readonly action: string;
  /** The id of the thing it happened to. */
  readonly subject: string;
  /** The caller, as the token names it; `system` for what the platform does by itself. */
  readonly actor: string;
  readonly note: string | null;
}
