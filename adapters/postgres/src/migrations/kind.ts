/**
 * Whether the program of the release before goes on beside what a migration has made: `expand` only adds, and after `contract` it
 * must not run any more. A migration whose class says nothing expands; another says `static readonly kind = "contract"`.
 */
export type MigrationKind = "expand" | "contract";

export function kindOf(migration: { readonly prototype: object; readonly kind?: MigrationKind }): MigrationKind {
  return migration.kind ?? "expand";
}
