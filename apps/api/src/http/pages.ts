import type { ApiRequest } from "./route.js";
import type { Cursors } from "./cursors.js";

/** A page of a list that is asked for by a limit and the place where the page before has ended. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

export interface Paging<T> {
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
  { cursors, fetch, placeOf }: Paging<T>,
): Promise<Page<T>> {
  const { limit, cursor, ...filter } = query;
  const list = JSON.stringify([principal.tenant, filter]);
  const found = await fetch(limit + 1, cursor === undefined ? undefined : cursors.read(list, cursor));
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    ...(found.length > limit && last !== undefined && { nextCursor: cursors.write(list, placeOf(last)) }),
  };
}
