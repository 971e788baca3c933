import type { InferEntity } from "@mikro-orm/core";
import type { Schedule, ScheduleQuery, ScheduleStore } from "@punctual/core";
import { ScheduleEntity } from "../schema/schedule.js";
import { BEFORE_ALL, changedOne, pageOf } from "./rows.js";
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
    const { em, tenant } = this.#session;
    const row = await em.findOne(ScheduleEntity, { id, tenant }, { disableIdentityMap: true });
    return row === null ? null : scheduleOf(row);
  }

  async getByKey(key: string): Promise<Schedule | null> {
    const { em, tenant } = this.#session;
    const where = { tenant, key, status: { $ne: "deleted" } } as const;
    const row = await em.findOne(ScheduleEntity, where, { disableIdentityMap: true });
    return row === null ? null : scheduleOf(row);
  }

  async knownKeys(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const text = "select key from schedules where tenant = $1 and key = any($2::text[]) and status <> 'deleted'";
    const rows =
      keys.length === 0 ? [] : await this.#session.query<{ key: string }>(text, [this.#session.tenant, keys]);
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
    const { after = BEFORE_ALL, type, destinationId, timeZone, status, labels, deleted } = query;
    const where = {
      tenant,
      id: { $gt: after },
      ...(deleted !== true && { status: { $ne: "deleted" as const } }),
      ...(status !== undefined && { status }),
      ...(type !== undefined && { type }),
      ...(destinationId !== undefined && { destinationId }),
      ...(timeZone !== undefined && { timeZone }),
      ...(labels !== undefined && { labels: { $contains: labels } }),
    };
    return (await em.find(ScheduleEntity, where as object, pageOf(query))).map(scheduleOf);
  }
}

function rowOf(schedule: Schedule, tenant: string) {
  return { ...schedule, tenant, timeZone: schedule.timing.timeZone };
}

function scheduleOf(row: InferEntity<typeof ScheduleEntity>): Schedule {
  const { timeZone: _, usesDestination: __, key, lateness, userId, ...rest } = row;
  return { ...rest, key: key ?? null, lateness: lateness ?? null, userId: userId ?? null };
}
