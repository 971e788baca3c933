import { Migration } from "@mikro-orm/migrations";

/**
 * An index by which a tenant's events are read in the order in which they ended: what follows them, and what counts the
 * latest, reads those and no others.
 *
 * While it is built nothing can be written to `event_history`, so nothing ends: workers wait for it, and send again what
 * they could not finish in time. Programs of before go on as they were.
 */
export class OrderOfEnds extends Migration {
  static readonly kind = "expand";
  static readonly blocks = ["event_history"];

  override up(): void {
    this.addSql(`create index event_history_ends on event_history (tenant, finished_at, id)`);
    this.addSql(`update schema_version set version = 3`);
  }

  override down(): void {
    this.addSql(`drop index event_history_ends`);
    this.addSql(`update schema_version set version = 2`);
  }
}
