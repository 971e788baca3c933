import type { Destination } from "../destinations/destination.js";
import type { Attempt, Content, ScheduledEvent } from "../events/event.js";
import { isTerminal } from "../events/event.js";
import { Conflict } from "../errors.js";
import { echo } from "../input/echo.js";
import type { AuditEntry } from "../ports/audit-log.js";
import type { Clock } from "../ports/clock.js";
import { type Failpoints, NO_FAILPOINTS } from "../ports/failpoints.js";
import type { KeptReply } from "../ports/idempotency-keys.js";
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
  /** What attempts have sent, by event and number, where that is no longer the event's own content. */
  readonly sent = new Map<string, ReadonlyMap<number, Content>>();
  readonly attempts = new Map<string, readonly Attempt[]>();
  readonly schedules = new Map<string, Schedule>();
  readonly destinations = new Map<string, Destination>();
  readonly users = new Map<string, User>();
  readonly audit: (AuditEntry & { readonly tenant: string; readonly at: Date })[] = [];
  readonly replies = new Map<string, KeptReply>();
  readonly wakes = new WakeQueue();
  readonly #eventsOf = new Map<string, Set<string>>();
  readonly #open = new Set<string>();
  readonly #keys = new Map<string, string>();
  readonly #onEarlier: () => void;
  #undo: (() => void)[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  /** `onEarlier` is called when a transaction has made the first event to want attention want it earlier. */
  constructor(clock: Clock, failpoints: Failpoints = NO_FAILPOINTS, onEarlier: () => void = () => undefined) {
    this.clock = clock;
    this.failpoints = failpoints;
    this.#onEarlier = onEarlier;
  }

  /** Runs `work` alone; what it changed is undone if it throws. */
  async transaction<T>(work: (now: Date) => Promise<T> | T): Promise<T> {
    const before = this.#turn;
    let done: () => void = () => undefined;
    this.#turn = new Promise<void>((resolve) => (done = resolve));
    await before;
    this.#undo = [];
    const first = this.wakes.first()?.at ?? Infinity;
    try {
      const result = await work(this.clock.now());
      if ((this.wakes.first()?.at ?? Infinity) < first) this.#onEarlier();
      return result;
    } catch (error) {
      for (const undo of this.#undo.reverse()) undo();
      throw error;
    } finally {
      done();
    }
  }

  /** An id is never given twice, whosever it is. */
  insert<T extends { readonly id: string }>(table: Map<string, T>, row: T): void {
    if (table.has(row.id)) throw new Error(`The id ${row.id} is taken`);
    this.put(table, row);
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

  insertSchedule(schedule: Schedule): void {
    if (this.schedules.has(schedule.id)) throw new Error(`The id ${schedule.id} is taken`);
    this.putSchedule(schedule);
  }

  putSchedule(schedule: Schedule): void {
    const key = keyOf(schedule);
    const before = this.schedules.get(schedule.id);
    const keyBefore = before === undefined ? null : keyOf(before);
    if (keyBefore !== null && keyBefore !== key) this.remove(this.#keys, keyBefore);
    if (key !== null) {
      const owner = this.#keys.get(key);
      if (owner !== undefined && owner !== schedule.id) {
        throw new Conflict("key_taken", `Another schedule has the key ${echo(schedule.key ?? "")}`);
      }
      this.#set(this.#keys, key, schedule.id);
    }
    this.put(this.schedules, schedule);
  }

  scheduleWithKey(tenant: string, key: string): Schedule | undefined {
    return this.schedules.get(this.#keys.get(nameOf(tenant, key)) ?? "");
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

  /** Keeps with an event's attempts what they have sent, before its content is made anew. */
  keepSent(event: ScheduledEvent, content: Content): void {
    const kept = this.sent.get(event.id) ?? new Map<number, Content>();
    const fresh = (this.attempts.get(event.id) ?? []).flatMap(({ number }) => (kept.has(number) ? [] : [number]));
    this.#set(this.sent, event.id, new Map([...kept, ...fresh.map((number) => [number, content] as const)]));
  }

  /** Whom it was about is gone: the rest of what was sent stays. */
  forgetSent(eventId: string): void {
    const sent = this.sent.get(eventId);
    if (sent === undefined) return;
    const rest = [...sent].map(([number, content]) => [number, { ...content, subject: null }] as const);
    this.#set(this.sent, eventId, new Map(rest));
  }

  /** The attempt under way, if its worker was never heard of again. */
  recordUnknown(event: ScheduledEvent, now: Date): void {
    if (event.begunAt === null) return;
    const number = (this.attempts.get(event.id)?.length ?? 0) + 1;
    const durationMs = now.getTime() - event.begunAt.getTime();
    const unknown = { status: null, error: "unknown", detail: null, timings: null, responseExcerpt: null } as const;
    this.addAttempt(event.id, { number, startedAt: event.begunAt, durationMs, ...unknown });
  }

  addAudit(entry: AuditEntry & { readonly tenant: string; readonly at: Date }): void {
    this.audit.push(entry);
    this.#undo.push(() => this.audit.pop());
  }

  reply(tenant: string, key: string): KeptReply | undefined {
    return this.replies.get(nameOf(tenant, key));
  }

  keepReply(tenant: string, reply: KeptReply): void {
    this.#set(this.replies, nameOf(tenant, reply.key), reply);
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

/** The name under which a schedule is found; a deleted one has given its key back. */
function keyOf({ tenant, key, status }: Schedule): string | null {
  return key === null || status === "deleted" ? null : nameOf(tenant, key);
}

function nameOf(tenant: string, key: string): string {
  return JSON.stringify([tenant, key]);
}
