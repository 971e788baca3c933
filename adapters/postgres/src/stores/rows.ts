import { Conflict } from "@punctual/core";

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

/** How lists of the ORM are read: in the order of ids, and not kept. */
export function pageOf(query: { readonly limit: number }) {
  return { orderBy: { id: "asc" }, limit: query.limit, disableIdentityMap: true } as const;
}
