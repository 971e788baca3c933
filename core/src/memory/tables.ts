import type { Destination } from "../destinations/destination.js";
import type { Attempt, ScheduledEvent } from "../events/event.js";
import { isTerminal } from "../events/event.js";
import { Conflict } from "../errors.js";
import type { AuditEntry } from "../ports/audit-log.js";
import type { Clock } from "../ports/clock.js";
import { type Failpoints, NO_FAILPOINTS } from "../ports/failpoints.js";
import type { Schedule } from "../schedules/schedule.js";
import type { User } from "../users/user.js";
import { WakeQueue } from "./wake-queue.js";

/**
 * The rows of all memory stores, and what makes a transaction of changes to them: one runs at a time, and each change
 * notes how to undo it.
 */
export class MemoryTables {
  readonly clock: Clock;
  readonly failpoints: Failpoints;
  readonly events = new Map<string, ScheduledEvent>();
  readonly attempts = new Map<string, readonly Attempt[]>();
  readonly schedules = new Map<string, Schedule>();
  readonly destinations = new Map<string, Destination>();
  readonly users = new Map<string, User>();
  readonly audit: (AuditEntry & { readonly tenant: string; readonly at: Date })[] = [];
  readonly wakes = new WakeQueue();
  readonly #eventsOf = new Map<string, Set<string>>();
  readonly #open = new Set<string>();
  readonly #keys = new Map<string, string>();
  #undo: (() => void)[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, failpoints: Failpoints = NO_FAILPOINTS) {
    this.clock = clock;
    this.failpoints = failpoints;
  }

  /** Runs `work` alone; what it changed is undone if it throws. */
  async transaction<T>(work: (now: Date) => Promise<T> | T): Promise<T> {
    const before = this.#turn;
    let done: () => void = () => undefined;
    this.#turn = new Promise<void>((resolve) => (done = resolve));
    await before;
    this.#undo = [];
    try {
      return await work(this.clock.now());
    } catch (error) {
      for (const undo of this.#undo.reverse()) undo();
      throw error;
    } finally {
      done();
    }
  }

  put<T extends { readonly id: string }>(table: Map<string, T>, row: T): void {
    this.#set(table, row.id, row);
  }

  remove<T>(table: Map<string, T>, id: string): void {
    const before = table.get(id);
    if (before === undefined) return;
    table.delete(id);
    this.#undo.push(() => table.set(id, before));
  }

  putSchedule(schedule: Schedule): void {
    const key = schedule.key === null ? null : `${schedule.tenant}/${schedule.key}`;
    const before = this.schedules.get(schedule.id);
    if (before !== undefined && before.key !== null && (key === null || schedule.status === "deleted")) {
      this.remove(this.#keys, `${before.tenant}/${before.key}`);
    }
    if (key !== null && schedule.status !== "deleted") {
      const owner = this.#keys.get(key);
      if (owner !== undefined && owner !== schedule.id) {
        throw new Conflict("key_taken", `Another schedule has the key ${schedule.key}`);
      }
      this.#set(this.#keys, key, schedule.id);
    }
    this.put(this.schedules, schedule);
  }

  scheduleWithKey(tenant: string, key: string): Schedule | undefined {
    return this.schedules.get(this.#keys.get(`${tenant}/${key}`) ?? "");
  }

  putEvent(event: ScheduledEvent): void {
    const before = this.events.get(event.id);
    this.put(this.events, event);
    this.#index(event.id, event, before);
    this.#undo.push(() => this.#index(event.id, before, event));
  }

  removeEvent(event: ScheduledEvent): void {
    this.remove(this.events, event.id);
    this.#index(event.id, undefined, event);
    this.#undo.push(() => this.#index(event.id, event, undefined));
  }

  addAttempt(eventId: string, attempt: Attempt): void {
    this.#set(this.attempts, eventId, [...(this.attempts.get(eventId) ?? []), attempt]);
  }

  addAudit(entry: AuditEntry & { readonly tenant: string; readonly at: Date }): void {
    this.audit.push(entry);
    this.#undo.push(() => this.audit.pop());
  }

  *eventsOf(scheduleId: string): Iterable<ScheduledEvent> {
    for (const id of this.#eventsOf.get(scheduleId) ?? []) {
      const event = this.events.get(id);
      if (event !== undefined) yield event;
    }
  }

  leader(scheduleId: string): ScheduledEvent | null {
    for (const event of this.eventsOf(scheduleId)) if (event.leads && !isTerminal(event.state)) return event;
    return null;
  }

  get open(): Iterable<ScheduledEvent> {
    return [...this.#open].flatMap((id) => this.events.get(id) ?? []);
  }

  #set<V>(table: Map<string, V>, key: string, value: V): void {
    const before = table.get(key);
    table.set(key, value);
    this.#undo.push(() => (before === undefined ? table.delete(key) : table.set(key, before)));
  }

  #index(id: string, event: ScheduledEvent | undefined, before: ScheduledEvent | undefined): void {
    if (event === undefined) this.#eventsOf.get(before?.scheduleId ?? "")?.delete(id);
    else if (before === undefined) {
      const ids = this.#eventsOf.get(event.scheduleId);
      if (ids === undefined) this.#eventsOf.set(event.scheduleId, new Set([id]));
      else ids.add(id);
    }
    if (event !== undefined && !isTerminal(event.state)) this.#open.add(id);
    else this.#open.delete(id);
    this.wakes.set(id, event?.wakeAt?.getTime() ?? null);
  }
}
