import { Conflict } from "../errors.js";

/** The rows of one tenant behind an id, in the order of ids. */
export function page<T extends { readonly id: string; readonly tenant: string }>(
  table: ReadonlyMap<string, T>,
  tenant: string,
  query: { readonly limit: number; readonly after?: string },
  wanted: (row: T) => boolean = () => true,
): readonly T[] {
  const { after = "" } = query;
  return [...table.values()]
    .filter((row) => row.tenant === tenant && row.id > after && wanted(row))
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .slice(0, query.limit);
}

/** The row, if it is the tenant's. */
export function own<T extends { readonly tenant: string }>(row: T | undefined, tenant: string): T | null {
  return row?.tenant === tenant ? row : null;
}

/** Refuses to write over another revision than the one before. */
export function checkRevision(
  before: { readonly revision: number } | null,
  row: { readonly id: string; readonly revision: number },
): void {
  if (before?.revision === row.revision - 1) return;
  throw new Conflict(
    "stale_revision",
    `${row.id} was changed meanwhile: its revision is ${before?.revision ?? "none"}`,
  );
}
