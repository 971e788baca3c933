import type { Schedule, ScheduleQuery, ScheduleStore } from "@punctual/core";
import { behind, changedOne, isId, isStorable, writing } from "./rows.js";
import type { Session } from "./session.js";

export class PostgresScheduleStore implements ScheduleStore {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async add(schedules: readonly Schedule[]): Promise<void> {
    if (schedules.length > 0) await this.#session.query(WRITE.insert, [this.#rows(schedules)]);
    for (const { id } of schedules) this.#session.made(id);
  }

  async get(id: string): Promise<Schedule | null> {
    if (!isId(id)) return null;
    const [row] = await this.#read("id = $2", [id]);
    return row ?? null;
  }

  async getByKey(key: string): Promise<Schedule | null> {
    if (!isStorable(key)) return null;
    const [row] = await this.#read("key = $2 and status <> 'deleted'", [key]);
    return row ?? null;
  }

  async knownKeys(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const text = "select key from schedules where tenant = $1 and key = any($2::text[]) and status <> 'deleted'";
    const able = keys.filter(isStorable);
    const rows =
      able.length === 0 ? [] : await this.#session.query<{ key: string }>(text, [this.#session.tenant, able]);
    return new Set(rows.map(({ key }) => key));
  }

  async save(schedule: Schedule): Promise<void> {
    changedOne((await this.#session.query(WRITE.update, [this.#rows([schedule])])).length, schedule);
  }

  async list(query: ScheduleQuery): Promise<readonly Schedule[]> {
    const { after, type, destinationId, timeZone, status, labels, deleted } = query;
    const given = [type, timeZone, ...Object.entries(labels ?? {}).flat()];
    if (!given.every((text) => text === undefined || isStorable(text))) return [];
    if (destinationId !== undefined && !isId(destinationId)) return [];
    const values: unknown[] = [behind(after)];
    const asked = (condition: string, value: unknown) =>
      value === undefined ? [] : [`${condition} $${values.push(value) + 1}`];
    const conditions = [
      "id > $2",
      ...(deleted === true ? [] : ["status <> 'deleted'"]),
      ...(status === "active" ? [OPEN] : []),
      ...asked("status =", status),
      ...asked("type =", type),
      ...asked("destination_id =", destinationId),
      ...asked("time_zone =", timeZone),
      ...asked("labels @>", labels === undefined ? undefined : JSON.stringify(labels)),
    ];
    return this.#read(`${conditions.join(" and ")} order by id limit $${values.push(query.limit) + 1}`, values);
  }

  async #read(condition: string, values: readonly unknown[]): Promise<Schedule[]> {
    const text = `select ${COLUMNS.join(", ")} from schedules where tenant = $1 and ${condition}`;
    return (await this.#session.query<ScheduleRow>(text, [this.#session.tenant, ...values])).map(scheduleOf);
  }

  #rows(schedules: readonly Schedule[]): string {
    const { tenant } = this.#session;
    return JSON.stringify(schedules.map((schedule) => ({ ...rowOf(schedule), tenant })));
  }
}

const COLUMNS = [
  ...["id", "tenant", "key", "type", "timing", "destination_id", "on_success", "on_failure", "payload", "catch_up"],
  ...["lateness", "if_running", "retry", "labels", "user_id", "status", "revision", "history"],
  ...["created_at", "updated_at"],
] as const;

const WRITE = writing("schedules", [...COLUMNS, "time_zone"]);

type Renamed =
  "destinationId" | "onSuccess" | "onFailure" | "catchUp" | "ifRunning" | "userId" | "createdAt" | "updatedAt";

type ScheduleRow = Omit<Schedule, Renamed> & {
  readonly destination_id: string;
  readonly on_success: string | null;
  readonly on_failure: string | null;
  readonly catch_up: Schedule["catchUp"];
  readonly if_running: Schedule["ifRunning"];
  readonly user_id: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
};

/** Whether it has something ahead: by the index of events by their schedules, one look for each schedule that is read. */
const OPEN = "exists (select from events where events.schedule_id = schedules.id and events.origin = 'rule')";

function rowOf(schedule: Schedule): ScheduleRow & { readonly time_zone: string } {
  const { id, tenant, key, type, timing, payload, lateness, retry, labels, status, revision, history } = schedule;
  return {
    ...{ id, tenant, key, type, timing, payload, lateness, retry, labels, status, revision, history },
    time_zone: timing.timeZone,
    destination_id: schedule.destinationId,
    on_success: schedule.onSuccess,
    on_failure: schedule.onFailure,
    catch_up: schedule.catchUp,
    if_running: schedule.ifRunning,
    user_id: schedule.userId,
    created_at: schedule.createdAt,
    updated_at: schedule.updatedAt,
  };
}

function scheduleOf(row: ScheduleRow): Schedule {
  const { id, tenant, key, type, timing, payload, lateness, retry, labels, status, revision, history } = row;
  return {
    ...{ id, tenant, key, type, timing, payload, lateness, retry, labels, status, revision, history },
    destinationId: row.destination_id,
    onSuccess: row.on_success,
    onFailure: row.on_failure,
    catchUp: row.catch_up,
    ifRunning: row.if_running,
    userId: row.user_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
