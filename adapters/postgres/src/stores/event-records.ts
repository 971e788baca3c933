import {
  type Attempt,
  Conflict,
  type Content,
  type EventQuery,
  type EventRecords,
  isTerminal,
  lifeCycle,
  type NewEvent,
  NotFound,
  type ScheduledEvent,
} from "@punctual/core";
import { addEvents } from "./add-events.js";
import {
  attemptOf,
  type AttemptRow,
  eventOf,
  type EventRow,
  HISTORY,
  historyRow,
  LIVE,
  liveRow,
  rowOf,
} from "./event-row.js";
import { conditionsOf } from "./event-query.js";
import { isId } from "./rows.js";
import type { Session } from "./session.js";

/**
 * Reads and changes events for callers. Whoever may change several events of a schedule locks all its open ones first, in
 * the order of ids: so no two wait for each other, and a worker that parks one of them (E7) is seen or waits.
 */
export class PostgresEventRecords implements EventRecords {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async add(events: readonly NewEvent[]): Promise<void> {
    const { tenant, now } = this.#session;
    const own = events.map((event) => ({ ...event, tenant }));
    const known = own.filter((event) => !this.#session.hasMade(event.scheduleId));
    await this.#checkSchedules(known);
    await this.#meetResume(known.filter((event) => event.parked));
    await addEvents(own, now, async (text, values) => this.#session.query(text, values), known);
    for (const event of own) {
      if (event.state !== "PENDING") continue;
      if (!event.parked) this.#session.wakesAt(event.dueAt);
      if (event.origin === "rule") this.#session.opened(event.scheduleId, event.dueAt);
    }
  }

  async get(id: string): Promise<ScheduledEvent | null> {
    const row = await this.#row(id);
    return row === null ? null : eventOf(row);
  }

  async attempts(id: string): Promise<readonly Attempt[]> {
    if (!isId(id)) return [];
    const text = `select number, started_at, duration_ms, status, error, response_excerpt, detail, timings from attempts
      where event_id = $1 and tenant = $2 order by number`;
    return (await this.#session.query<AttemptRow>(text, [id, this.#session.tenant])).map(attemptOf);
  }

  async sentBefore(id: string): Promise<ReadonlyMap<number, Content>> {
    if (!isId(id)) return new Map();
    const text = `select number, sent_type, sent_payload, sent_subject from attempts
      where event_id = $1 and tenant = $2 and sent_payload is not null`;
    const rows = await this.#session.query<SentRow>(text, [id, this.#session.tenant]);
    return new Map(
      rows.map((row) => [row.number, { type: row.sent_type, payload: row.sent_payload, subject: row.sent_subject }]),
    );
  }

  async list(query: EventQuery): Promise<readonly ScheduledEvent[]> {
    const { where, values, pending, processing, finished } = conditionsOf(query, this.#session.tenant);
    const page = `order by due_at, id limit $${values.length + 1}`;
    const from = (rows: string, also: string) => `(select ${rows} where ${where} and ${also} ${page})`;
    const parts = [
      ...(pending ? [from(`${liveRow("e")} from events e`, "state = 'PENDING'")] : []),
      ...(processing ? [from(`${liveRow("e")} from events e`, `state = 'PROCESSING'`)] : []),
      ...(finished ? [from(`${historyRow("e")} from event_history e`, "true")] : []),
    ];
    if (parts.length === 0) return [];
    return this.#events(`select * from (${parts.join(" union all ")}) e ${page}`, [...values, query.limit]);
  }

  async leader(scheduleId: string): Promise<ScheduledEvent | null> {
    const text = `select ${liveRow("e")} from events e where schedule_id = $1 and tenant = $2 and leads`;
    return (await this.#events(text, [scheduleId, this.#session.tenant]))[0] ?? null;
  }

  async upcoming(scheduleIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    const able = scheduleIds.filter(isId);
    const made = this.#session.upcomingOf(able);
    if (made !== null) return made;
    const rows = await this.#session.query<UpcomingRow>(UPCOMING, [able, this.#session.tenant]);
    return new Map(rows.map((row) => [row.schedule_id, row.due_at]));
  }

  async replannable(scheduleId: string): Promise<readonly ScheduledEvent[]> {
    await this.#lockOpen(scheduleId);
    const text = `select ${liveRow("e")} from events e
      where schedule_id = $1 and tenant = $2 and origin = 'rule' and not (${SETTLED}) order by due_at, id`;
    return this.#events(text, [scheduleId, this.#session.tenant]);
  }

  async lastSettled(scheduleId: string, order: "series" | "wall"): Promise<ScheduledEvent | null> {
    const { tenant, now } = this.#session;
    const series = order === "series";
    const place = series ? "ordinal" : "wall";
    const { live, finished } = series ? { live: SETTLED, finished: "true" } : PASSED;
    const of = (condition: string) =>
      `schedule_id = $1 and tenant = $2 and origin = 'rule' and (${condition}) order by ${place} desc limit 1`;
    const text = `select * from (
      (select ${liveRow("e")}, e.wall from events e where ${of(live)}) union all
      (select ${historyRow("e")}, e.wall from event_history e where ${of(finished)})) e order by ${place} desc limit 1`;
    return (await this.#events(text, series ? [scheduleId, tenant] : [scheduleId, tenant, now]))[0] ?? null;
  }

  async replace(event: ScheduledEvent): Promise<void> {
    this.#session.changed();
    const { tenant, now } = this.#session;
    const before = await this.#row(event.id, "for update");
    if (before === null) throw new NotFound("event", event.id);
    if (lifeCycle.isInFlight(eventOf(before), now)) {
      throw new Conflict("in_flight", `Event ${event.id} is being delivered just now`);
    }
    const made = before.attempts_made + (await this.#recordUnknown(before));
    if (before.payload !== null && event.content === null) await this.#keepSent(before);
    const row = JSON.stringify([rowOf({ ...event, tenant, fence: before.fence }, made)]);
    const [from, to] = [tableOf(before), tableOf(event)];
    if (from === to) await this.#session.query(update(to), [row]);
    else {
      await this.#session.query(`delete from ${from} where id = $1`, [event.id]);
      await this.#session.query(insert(to), [row]);
    }
    if (event.wakeAt === null && !isTerminal(event.state)) await this.#meetResume([event]);
    this.#session.wakesAt(event.wakeAt);
  }

  async withdraw(ids: readonly string[]): Promise<void> {
    this.#session.changed();
    const text = `delete from events where id = any($1::uuid[]) and tenant = $2 and not (${SETTLED})`;
    const able = ids.filter(isId);
    if (able.length > 0) await this.#session.query(text, [able, this.#session.tenant]);
  }

  async park(scheduleId: string): Promise<void> {
    await this.#lockOpen(scheduleId);
    const text = `update events set state = 'PENDING', wake_at = null, held_until = null
      where schedule_id = $1 and tenant = $2 and begun_at is null and origin <> 'callback'
        and not (state = 'PROCESSING' and attempt > 0)`;
    await this.#session.query(text, [scheduleId, this.#session.tenant]);
  }

  async unpark(scheduleId: string): Promise<void> {
    await this.#lockOpen(scheduleId);
    const text = `update events set wake_at = due_at
      where schedule_id = $1 and tenant = $2 and begun_at is null and wake_at is null returning wake_at`;
    const woken = await this.#session.query<{ wake_at: Date }>(text, [scheduleId, this.#session.tenant]);
    for (const { wake_at } of woken) this.#session.wakesAt(wake_at);
  }

  async #checkSchedules(events: readonly NewEvent[]): Promise<void> {
    const ids = [...new Set(events.map((event) => event.scheduleId))];
    if (ids.length === 0) return;
    const text = "select id from schedules where id = any($1::uuid[]) and tenant = $2";
    const known = new Set(
      (await this.#session.query<{ id: string }>(text, [ids, this.#session.tenant])).map(({ id }) => id),
    );
    const unknown = ids.find((id) => !known.has(id));
    if (unknown !== undefined) throw new NotFound("schedule", unknown);
  }

  /** How many it recorded: the attempt under way, if its worker was never heard of again. */
  async #recordUnknown({ id, tenant, attempts_made, begun_at }: EventRow): Promise<0 | 1> {
    if (begun_at === null) return 0;
    const { now } = this.#session;
    const text = `insert into attempts (event_id, tenant, number, started_at, duration_ms, error, recorded_at)
      values ($1, $2, $3, $4, $5, 'unknown', $6)`;
    const durationMs = now.getTime() - begun_at.getTime();
    await this.#session.query(text, [id, tenant, attempts_made + 1, begun_at, durationMs, now]);
    return 1;
  }

  async #keepSent({ id, tenant, type, payload, subject }: EventRow): Promise<void> {
    const text = `update attempts set sent_type = $3, sent_payload = $4, sent_subject = $5
      where event_id = $1 and tenant = $2 and sent_payload is null`;
    await this.#session.query(text, [id, tenant, type, payload, subject === null ? null : JSON.stringify(subject)]);
  }

  /**
   * Who parks an event writes to its schedule, and so does who resumes that: of two at the same moment one is run again,
   * though the one may not see the other's event (E7).
   */
  async #meetResume(events: readonly Pick<ScheduledEvent, "scheduleId">[]): Promise<void> {
    const ids = [...new Set(events.map((event) => event.scheduleId))].sort();
    const text = "update schedules set revision = revision where id = any($1::uuid[]) and tenant = $2";
    if (ids.length > 0) await this.#session.query(text, [ids, this.#session.tenant]);
  }

  async #lockOpen(scheduleId: string): Promise<void> {
    const text = "select id from events where schedule_id = $1 and tenant = $2 order by id for update";
    await this.#session.query(text, [scheduleId, this.#session.tenant]);
  }

  async #row(id: string, lock: "" | "for update" = ""): Promise<EventRow | null> {
    if (!isId(id)) return null;
    const values = [id, this.#session.tenant];
    const [live, ended] = [`${liveRow("e")} from events e`, `${historyRow("e")} from event_history e`];
    // Who looks without a transaction may miss one that is just set going again: it is behind, and then before.
    for (const from of [live, ended, live]) {
      const [row] = await this.#session.query<EventRow>(`select ${from} where id = $1 and tenant = $2 ${lock}`, values);
      if (row !== undefined) return row;
    }
    return null;
  }

  async #events(text: string, values: readonly unknown[]): Promise<readonly ScheduledEvent[]> {
    return (await this.#session.query<EventRow>(text, values)).map(eventOf);
  }
}

/** Of each schedule, the earliest of what its rule has made (Q7). $1: schedules, $2: tenant. */
export const UPCOMING = `
  select schedule_id, min(due_at) as due_at from events
  where schedule_id = any($1::uuid[]) and tenant = $2 and origin = 'rule' group by schedule_id`;

interface UpcomingRow {
  readonly schedule_id: string;
  readonly due_at: Date;
}

interface SentRow {
  readonly number: number;
  readonly sent_type: string;
  readonly sent_payload: string;
  readonly sent_subject: Content["subject"];
}

/** What no edit takes back: a worker has begun it, or a hand has moved it. What has ended is settled too. */
const SETTLED = "begun_at is not null or attempt > 0 or pinned";

/** Whether an event can no longer be sent at another time, live or finished. $3: now. The core says it in `isPassed`. */
const PASSED = {
  live: "attempt > 0 or begun_at is not null or (pinned and due_at <= $3)",
  finished: "attempt > 0 or state in ('COMPLETED', 'FAILED') or due_at <= $3",
};

type Table = "events" | "event_history";

const COLUMNS: Readonly<Record<Table, readonly string[]>> = { events: LIVE, event_history: HISTORY };

function tableOf({ state }: { readonly state: ScheduledEvent["state"] }): Table {
  return isTerminal(state) ? "event_history" : "events";
}

/** $1: one row as JSON. */
function insert(table: Table): string {
  const columns = COLUMNS[table].join(", ");
  return `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1::json)`;
}

function update(table: Table): string {
  const columns = COLUMNS[table].filter((column) => column !== "id");
  const ended = table === "events" ? ["held_until = null"] : []; // whatever held it holds it no longer
  const changes = [...columns.map((column) => `${column} = n.${column}`), ...ended].join(", ");
  return `update ${table} e set ${changes} from json_populate_recordset(null::${table}, $1::json) n where e.id = n.id`;
}
