import { type InferEntity, raw } from "@mikro-orm/core";
import type { Schedule, ScheduleQuery, ScheduleStore } from "@punctual/core";
import { ScheduleEntity } from "../schema/schedule.js";
import { behind, changedOne, isId, isStorable, pageOf } from "./rows.js";
import type { Session } from "./session.js";

export class PostgresScheduleStore implements ScheduleStore {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async add(schedules: readonly Schedule[]): Promise<void> {
    const { em, tenant } = this.#session;
    if (schedules.length === 0) return;
    await em.insertMany(
      ScheduleEntity,
      schedules.map((schedule) => rowOf(schedule, tenant)),
    );
  }

  async get(id: string): Promise<Schedule | null> {
    if (!isId(id)) return null;
    const { em, tenant } = this.#session;
    const row = await em.findOne(ScheduleEntity, { id, tenant }, { disableIdentityMap: true });
    return row === null ? null : scheduleOf(row);
  }

  async getByKey(key: string): Promise<Schedule | null> {
    if (!isStorable(key)) return null;
    const { em, tenant } = this.#session;
    const where = { tenant, key, status: { $ne: "deleted" } } as const;
    const row = await em.findOne(ScheduleEntity, where, { disableIdentityMap: true });
    return row === null ? null : scheduleOf(row);
  }

  async knownKeys(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const text = "select key from schedules where tenant = $1 and key = any($2::text[]) and status <> 'deleted'";
    const able = keys.filter(isStorable);
    const rows =
      able.length === 0 ? [] : await this.#session.query<{ key: string }>(text, [this.#session.tenant, able]);
    return new Set(rows.map(({ key }) => key));
  }

  async save(schedule: Schedule): Promise<void> {
    const { em, tenant } = this.#session;
    const { id, revision } = schedule;
    const where = { id, tenant, revision: revision - 1 };
    changedOne(await em.nativeUpdate(ScheduleEntity, where, rowOf(schedule, tenant)), schedule);
  }

  async list(query: ScheduleQuery): Promise<readonly Schedule[]> {
    const { em, tenant } = this.#session;
    const { after, type, destinationId, timeZone, status, labels, deleted } = query;
    const where = {
      tenant,
      id: { $gt: behind(after) },
      ...(deleted !== true && { status: { $ne: "deleted" as const } }),
      ...(status !== undefined && { status }),
      ...(status === "active" && { [raw(OPEN)]: [] }),
      ...(type !== undefined && { type }),
      ...(destinationId !== undefined && { destinationId }),
      ...(timeZone !== undefined && { timeZone }),
      ...(labels !== undefined && { [raw("labels @> ?::jsonb", [JSON.stringify(labels)])]: [] }),
    };
    const given = [type, timeZone, ...Object.entries(labels ?? {}).flat()];
    if (!given.every((text) => text === undefined || isStorable(text))) return [];
    if (destinationId !== undefined && !isId(destinationId)) return [];
    return (await em.find(ScheduleEntity, where as object, pageOf(query))).map(scheduleOf);
  }
}

/** Whether it has something ahead: by the index of events by their schedules, one look for each schedule that is read. */
const OPEN = (alias: string) =>
  `exists (select from events where events.schedule_id = ${alias}.id and events.origin = 'rule')`;

function rowOf(schedule: Schedule, tenant: string) {
  return { ...schedule, tenant, timeZone: schedule.timing.timeZone };
}

function scheduleOf(row: InferEntity<typeof ScheduleEntity>): Schedule {
  const { timeZone: _, usesDestination: __, usesOnSuccess: ___, usesOnFailure: ____, ...rest } = row;
  const { key = null, lateness = null, userId = null, onSuccess = null, onFailure = null } = rest;
  return { ...rest, key, lateness, userId, onSuccess, onFailure };
}
