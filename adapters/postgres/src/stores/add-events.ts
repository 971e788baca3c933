import { formatWall, type NewEvent, wallOf } from "@punctual/core";

/** Runs a statement in the transaction that the events belong to. */
export type Query = <R extends object>(text: string, values: readonly unknown[]) => Promise<R[]>;

type Field = readonly [type: string, value: (event: NewEvent, now: Date) => unknown];

/** What a new event brings with it; all else begins as its column's default. */
const FACTS: Readonly<Record<string, Field>> = {
  id: ["uuid", (event) => event.id],
  tenant: ["text", (event) => event.tenant],
  schedule_id: ["uuid", (event) => event.scheduleId],
  type: ["text", (event) => event.type],
  destination_id: ["uuid", (event) => event.destinationId],
  origin: ["text", (event) => event.origin],
  key: ["text", (event) => event.key],
  ordinal: ["integer", (event) => event.ordinal],
  local_date_time: ["text", (event) => event.local.dateTime],
  time_zone: ["text", (event) => event.local.timeZone],
  utc_offset: ["text", (event) => event.local.offset],
  fold: ["smallint", (event) => event.local.fold],
  wall: ["timestamp", (event) => (event.origin === "rule" ? formatWall(wallOf(event)) : null)],
  note: ["text", (event) => event.note],
  due_at: ["timestamptz", (event) => event.dueAt.toISOString()],
  tzdata: ["text", (event) => event.tzdata],
  state: ["text", (event) => event.state],
  created_at: ["timestamptz", (_, now) => now.toISOString()],
};

const PENDING: typeof FACTS = {
  ...FACTS,
  leads: ["boolean", (event) => event.leads],
  wake_at: ["timestamptz", (event) => (event.parked ? null : event.dueAt.toISOString())],
  payload: ["text", (event) => event.content?.payload ?? null],
};

/** Recorded without ever having been live. */
const SKIPPED: typeof FACTS = {
  ...FACTS,
  reason: ["text", (event) => event.reason],
  finished_at: ["timestamptz", (_, now) => now.toISOString()],
};

function insertInto(table: string, fields: typeof FACTS, unless: readonly string[], conflict: string): string {
  const columns = Object.keys(fields).join(", ");
  const arrays = Object.values(fields).map(([type], index) => `$${index + 1}::${type}[]`);
  const absent = unless.map((other) => `not exists (select from ${other} t where t.id = n.id)`);
  return `insert into ${table} (${columns})
    select ${columns} from unnest(${arrays.join(", ")}) as n (${columns})
    where ${absent.join(" and ")}
    ${conflict}
    returning id`;
}

/** Each parameter holds one field of all events. */
export const ADD_PENDING = insertInto("events", PENDING, ["event_history"], "on conflict (id) do nothing");
export const ADD_SKIPPED = insertInto("event_history", SKIPPED, ["events", "event_history"], "");

const KINDS = [
  { state: "SKIPPED", fields: SKIPPED, statement: ADD_SKIPPED },
  { state: "PENDING", fields: PENDING, statement: ADD_PENDING },
] as const;

/** Waits for whoever is just ending one of them, so that the next statement sees it where it then is. $1: ids. */
export const AWAIT_KNOWN = "select id from events where id = any($1::uuid[]) order by id for key share";

/**
 * Adds events whose ids are not there yet, live or finished; answers the ids of those. Of events of schedules that nobody else
 * knows of none can be there: `known` are the others.
 */
export async function addEvents(
  events: readonly NewEvent[],
  now: Date,
  query: Query,
  known: readonly NewEvent[] = events,
): Promise<Set<string>> {
  const first = new Map<string, NewEvent>();
  for (const event of events) if (!first.has(event.id)) first.set(event.id, event);
  if (known.length > 0) await query(AWAIT_KNOWN, [known.map(({ id }) => id)]);
  const added = new Set<string>();
  for (const { state, fields, statement } of KINDS) {
    const some = [...first.values()].filter((event) => event.state === state);
    if (some.length === 0) continue;
    const values = Object.values(fields).map(([, value]) => some.map((event) => value(event, now)));
    for (const { id } of await query<{ id: string }>(statement, values)) added.add(id);
  }
  return added;
}
