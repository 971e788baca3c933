import type { Migration } from "@mikro-orm/migrations";

/** With `expand` the release before goes on, beside this one; before `contract` it must be gone. */
export type MigrationKind = "expand" | "contract";

/** What the class of a migration says of it, and `npm run migrations` holds it to. */
export interface ReleasedMigration {
  new (...given: ConstructorParameters<typeof Migration>): Migration;
  readonly kind: MigrationKind;
  /** Tables that were there before and whose writers it keeps waiting for longer than an instant; none, if left out. */
  readonly blocks?: readonly string[];
}
