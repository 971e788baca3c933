import { isTerminal, type ScheduledEvent } from "../events/event.js";
import type { ScheduleQuery, ScheduleStore } from "../ports/schedule-store.js";
import type { Schedule } from "../schedules/schedule.js";
import { checkRevision, own, page } from "./rows.js";
import type { MemoryTables } from "./tables.js";

export class MemoryScheduleStore implements ScheduleStore {
  readonly #tables: MemoryTables;
  readonly #tenant: string;

  constructor(tables: MemoryTables, tenant: string) {
    this.#tables = tables;
    this.#tenant = tenant;
  }

  async add(schedules: readonly Schedule[]): Promise<void> {
    for (const schedule of schedules) this.#tables.insertSchedule({ ...schedule, tenant: this.#tenant });
  }

  async get(id: string): Promise<Schedule | null> {
    return own(this.#tables.schedules.get(id), this.#tenant);
  }

  async getByKey(key: string): Promise<Schedule | null> {
    return this.#tables.scheduleWithKey(this.#tenant, key) ?? null;
  }

  async knownKeys(keys: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(keys.filter((key) => this.#tables.scheduleWithKey(this.#tenant, key) !== undefined));
  }

  async save(schedule: Schedule): Promise<void> {
    checkRevision(await this.get(schedule.id), schedule);
    this.#tables.putSchedule({ ...schedule, tenant: this.#tenant });
  }

  #isOf({ id, status }: Schedule, wanted: ScheduleQuery["status"]): boolean {
    if (wanted === undefined) return true;
    const isAhead = wanted === "paused" || [...this.#tables.eventsOf(id)].some(isOpen);
    return status === wanted && isAhead;
  }

  async list(query: ScheduleQuery): Promise<readonly Schedule[]> {
    return page(
      this.#tables.schedules,
      this.#tenant,
      query,
      (schedule) => matches(schedule, query) && this.#isOf(schedule, query.status),
    );
  }
}

function isOpen({ origin, state }: ScheduledEvent): boolean {
  return origin === "rule" && !isTerminal(state);
}

function matches(schedule: Schedule, query: ScheduleQuery): boolean {
  const { type, destinationId, timeZone, labels = {} } = query;
  return (
    (schedule.status !== "deleted" || query.deleted === true) &&
    (type === undefined || schedule.type === type) &&
    (destinationId === undefined || schedule.destinationId === destinationId) &&
    (timeZone === undefined || schedule.timing.timeZone === timeZone) &&
    Object.entries(labels).every(([name, value]) => schedule.labels[name] === value)
  );
}
