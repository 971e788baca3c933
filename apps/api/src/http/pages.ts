import type { ApiRequest } from "./route.js";
import type { Cursors } from "./cursors.js";

/** A page of a list that is asked for by a limit and the place where the page before has ended. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

export interface Paging<T> {
  /** The list's own name: another's cursor is none of it. */
  readonly list: string;
  readonly cursors: Cursors;
  readonly fetch: (limit: number, after: string | undefined) => Promise<readonly T[]>;
  /** Where a list that ended with this one goes on. */
  readonly placeOf: (last: T) => string;
}

/** Asks for one more than is wanted: whether there is a further page is known, not guessed. */
export async function pageOf<T>(
  {
    principal,
    query,
  }: Pick<ApiRequest, "principal"> & {
    readonly query: { readonly limit: number; readonly cursor?: string | undefined };
  },
  { list, cursors, fetch, placeOf }: Paging<T>,
): Promise<Page<T>> {
  const { limit, cursor, ...filter } = query;
  const name = JSON.stringify([list, principal.tenant, filter]);
  const found = await fetch(limit + 1, cursor === undefined ? undefined : cursors.read(name, cursor));
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    ...(found.length > limit && last !== undefined && { nextCursor: cursors.write(name, placeOf(last)) }),
  };
}
