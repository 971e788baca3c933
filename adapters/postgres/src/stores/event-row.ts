import { type Attempt, type Content, formatWall, type ScheduledEvent, wallOf } from "@punctual/core";

/** An event as the tables have it; `events` and `event_history` hold the same but for the last columns. */
export interface EventRow {
  readonly id: string;
  readonly tenant: string;
  readonly schedule_id: string;
  readonly type: string;
  readonly destination_id: string;
  readonly origin: ScheduledEvent["origin"];
  readonly key: string;
  readonly ordinal: number;
  readonly local_date_time: string;
  readonly time_zone: string;
  readonly utc_offset: string;
  readonly fold: 0 | 1;
  readonly note: ScheduledEvent["note"];
  readonly due_at: Date;
  readonly tzdata: string;
  readonly pinned: boolean;
  readonly state: ScheduledEvent["state"];
  readonly fence: number;
  readonly unheard: number;
  readonly attempt: number;
  readonly attempts_made: number;
  readonly first_attempt_at: Date | null;
  readonly payload: string | null;
  readonly subject: Content["subject"];
  readonly redrives: number;
  readonly lateness_ms: number | null;
  readonly created_at: Date;
  readonly leads: boolean;
  readonly wake_at: Date | null;
  readonly begun_at: Date | null;
  readonly reason: ScheduledEvent["reason"];
  readonly finished_at: Date | null;
}

/** What both tables have, `wall` included, which is derived and never read back. */
export const FACTS = [
  ...["id", "tenant", "schedule_id", "type", "destination_id", "origin", "key", "ordinal"],
  ...["local_date_time", "time_zone", "utc_offset", "fold", "wall", "note", "due_at", "tzdata", "pinned", "state"],
  ...["fence", "unheard", "attempt", "attempts_made", "first_attempt_at", "payload", "subject", "redrives"],
  ...["lateness_ms", "created_at"],
] as const;

/** `held_until` is left out: whoever writes a whole row ends its lease. */
export const LIVE = [...FACTS, "leads", "wake_at", "begun_at"] as const;
export const HISTORY = [...FACTS, "reason", "finished_at"] as const;

const facts = (alias: string) =>
  FACTS.filter((column) => column !== "wall")
    .map((column) => `${alias}.${column}`)
    .join(", ");

/** What to select for an `EventRow`. */
export const liveRow = (alias: string) =>
  `${facts(alias)}, ${alias}.leads, coalesce(${alias}.held_until, ${alias}.wake_at) as wake_at, ${alias}.begun_at, ` +
  "null::text as reason, null::timestamptz as finished_at";
export const historyRow = (alias: string) =>
  `${facts(alias)}, false as leads, null::timestamptz as wake_at, null::timestamptz as begun_at, ${alias}.reason, ${alias}.finished_at`;

export function eventOf(row: EventRow): ScheduledEvent {
  return {
    id: row.id,
    tenant: row.tenant,
    scheduleId: row.schedule_id,
    type: row.type,
    destinationId: row.destination_id,
    origin: row.origin,
    key: row.key,
    ordinal: row.ordinal,
    local: { dateTime: row.local_date_time, timeZone: row.time_zone, offset: row.utc_offset, fold: row.fold },
    note: row.note,
    dueAt: row.due_at,
    tzdata: row.tzdata,
    pinned: row.pinned,
    state: row.state,
    leads: row.leads,
    wakeAt: row.wake_at,
    fence: row.fence,
    unheard: row.unheard,
    begunAt: row.begun_at,
    attempt: row.attempt,
    firstAttemptAt: row.first_attempt_at,
    content: row.payload === null ? null : { type: row.type, payload: row.payload, subject: row.subject },
    redrives: row.redrives,
    reason: row.reason,
    latenessMs: row.lateness_ms,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

/** The row that an event is written as. */
export function rowOf(event: ScheduledEvent, attemptsMade: number): EventRow & { readonly wall: string | null } {
  const { local, content } = event;
  return {
    id: event.id,
    tenant: event.tenant,
    schedule_id: event.scheduleId,
    type: event.type,
    destination_id: event.destinationId,
    origin: event.origin,
    key: event.key,
    ordinal: event.ordinal,
    local_date_time: local.dateTime,
    time_zone: local.timeZone,
    utc_offset: local.offset,
    fold: local.fold,
    wall: event.origin === "rule" ? formatWall(wallOf(event)) : null,
    note: event.note,
    due_at: event.dueAt,
    tzdata: event.tzdata,
    pinned: event.pinned,
    state: event.state,
    fence: event.fence,
    unheard: event.unheard,
    attempt: event.attempt,
    attempts_made: attemptsMade,
    first_attempt_at: event.firstAttemptAt,
    payload: content?.payload ?? null,
    subject: content?.subject ?? null,
    redrives: event.redrives,
    lateness_ms: event.latenessMs,
    created_at: event.createdAt,
    leads: event.leads,
    wake_at: event.wakeAt,
    begun_at: event.begunAt,
    reason: event.reason,
    finished_at: event.finishedAt,
  };
}

export interface AttemptRow {
  readonly number: number;
  readonly started_at: Date;
  readonly duration_ms: number;
  readonly status: number | null;
  readonly error: Attempt["error"];
  readonly response_excerpt: string | null;
  readonly detail: string | null;
  readonly timings: Attempt["timings"];
}

export function attemptOf(row: AttemptRow): Attempt {
  const { number, started_at, duration_ms, status, error, response_excerpt, detail, timings } = row;
  const took = { startedAt: started_at, durationMs: duration_ms };
  return { number, ...took, status, error, detail, timings, responseExcerpt: response_excerpt };
}

/** A receiver may answer anything; the database takes neither NUL nor half a surrogate pair. */
export function storable(text: string | null): string | null {
  return text?.toWellFormed().replaceAll("\0", "\ufffd") ?? null;
}
