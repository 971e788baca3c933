import { Conflict } from "@punctual/core";

/** Whether a row can have that id: the database refuses to compare one with anything else. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
}

/** Whether a column can hold that text: none holds a NUL. */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/** The id behind which a list goes on; what is no id is told from one as text is. */
export function behind(after: string | undefined): string {
  return after === undefined || after === "" ? BEFORE_ALL : after;
}

/** The id that all others come behind. */
export const BEFORE_ALL = "00000000-0000-0000-0000-000000000000";

/** Refuses what was written over another revision than the one before: then no row was changed. */
export function changedOne(
  changed: number,
  { id, revision }: { readonly id: string; readonly revision: number },
): void {
  if (changed === 1) return;
  throw new Conflict("stale_revision", `${id} was changed meanwhile: its revision is not ${revision - 1}`);
}

/** Statements that write whole rows, given as JSON by the names of their columns. */
export function writing(table: string, columns: readonly string[]) {
  const names = columns.join(", ");
  const rows = `from json_populate_recordset(null::${table}, $1::json) n`;
  const changes = columns.filter((column) => column !== "id").map((column) => `${column} = n.${column}`);
  return {
    insert: `insert into ${table} (${names}) select ${names} ${rows}`,
    /** Of the revision before, and of no other. */
    update: `update ${table} t set ${changes.join(", ")} ${rows}
      where t.id = n.id and t.tenant = n.tenant and t.revision = n.revision - 1 returning t.id`,
  };
}
