import type { Installation } from "../support/installation.js";

/** The events that a scenario has made so that they cannot be begun. */
export async function spoiltIn({ rows }: Pick<Installation, "rows">): Promise<ReadonlySet<string>> {
  const text = `select id from event_history where type in ('spoilt', 'poison')
    union select id from events where type in ('spoilt', 'poison')`;
  return new Set((await rows.query<{ id: string }>(text)).rows.map(({ id }) => id));
}
