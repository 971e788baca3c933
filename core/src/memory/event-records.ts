import { Conflict, NotFound } from "../errors.js";
import {
  type Attempt,
  type Content,
  eventFrom,
  isTerminal,
  type NewEvent,
  type ScheduledEvent,
} from "../events/event.js";
import { isBetweenAttempts, isInFlight } from "../events/life-cycle.js";
import { isPassed, wallOf } from "../events/replan.js";
import type { EventQuery, EventRecords } from "../ports/event-records.js";
import { own } from "./rows.js";
import type { MemoryTables } from "./tables.js";

export class MemoryEventRecords implements EventRecords {
  readonly #tables: MemoryTables;
  readonly #tenant: string;
  readonly #now: Date;

  constructor(tables: MemoryTables, tenant: string, now: Date) {
    this.#tables = tables;
    this.#tenant = tenant;
    this.#now = now;
  }

  async add(events: readonly NewEvent[]): Promise<void> {
    for (const event of events) {
      if (this.#tables.events.has(event.id)) continue;
      const schedule = own(this.#tables.schedules.get(event.scheduleId), this.#tenant);
      if (schedule === null) throw new NotFound("schedule", event.scheduleId);
      if (event.leads) this.#checkLeads(event);
      this.#tables.putEvent(eventFrom({ ...event, tenant: this.#tenant }, this.#now));
    }
  }

  async get(id: string): Promise<ScheduledEvent | null> {
    return own(this.#tables.events.get(id), this.#tenant);
  }

  async attempts(id: string): Promise<readonly Attempt[]> {
    return (await this.get(id)) === null ? [] : (this.#tables.attempts.get(id) ?? []);
  }

  async sentBefore(id: string): Promise<ReadonlyMap<number, Content>> {
    return (await this.get(id)) === null ? new Map() : (this.#tables.sent.get(id) ?? new Map());
  }

  async list(query: EventQuery): Promise<readonly ScheduledEvent[]> {
    const rows =
      query.scheduleId === undefined ? this.#tables.events.values() : this.#tables.eventsOf(query.scheduleId);
    return [...rows]
      .filter((event) => event.tenant === this.#tenant && matches(event, query))
      .sort(byDueAt)
      .slice(0, query.limit);
  }

  async leader(scheduleId: string): Promise<ScheduledEvent | null> {
    return own(this.#tables.leader(scheduleId) ?? undefined, this.#tenant);
  }

  async upcoming(scheduleIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    return new Map(
      scheduleIds.flatMap((id) => {
        const [first] = this.#ofRule(id)
          .filter(({ state }) => !isTerminal(state))
          .sort(byDueAt);
        return first === undefined ? [] : [[id, first.dueAt] as const];
      }),
    );
  }

  async replannable(scheduleId: string): Promise<readonly ScheduledEvent[]> {
    return this.#ofRule(scheduleId)
      .filter((event) => !isTerminal(event.state) && !isSettled(event))
      .sort(byDueAt);
  }

  async lastSettled(scheduleId: string, order: "series" | "wall"): Promise<ScheduledEvent | null> {
    const [place, counts] =
      order === "series"
        ? [(event: ScheduledEvent) => event.ordinal, isSettled]
        : [wallOf, (event: ScheduledEvent) => isPassed(event, this.#now)];
    return this.#ofRule(scheduleId)
      .filter(counts)
      .reduce<ScheduledEvent | null>((last, one) => (last !== null && place(one) <= place(last) ? last : one), null);
  }

  async replace(event: ScheduledEvent): Promise<void> {
    const before = await this.get(event.id);
    if (before === null) throw new NotFound("event", event.id);
    if (isInFlight(before, this.#now)) throw new Conflict("in_flight", `Event ${event.id} is being delivered just now`);
    if (event.leads && !isTerminal(event.state)) this.#checkLeads(event);
    this.#tables.recordUnknown(before, this.#now);
    if (before.content !== null && event.content === null) this.#tables.keepSent(before, before.content);
    this.#tables.putEvent({ ...event, tenant: this.#tenant, fence: before.fence });
  }

  async withdraw(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const event = await this.get(id);
      if (event !== null && !isTerminal(event.state) && !isSettled(event)) this.#tables.removeEvent(event);
    }
  }

  async park(scheduleId: string): Promise<void> {
    for (const event of this.#waiting(scheduleId)) {
      // One that was tried and is claimed, or awaits its receiver's word, is held by its begin.
      if (event.origin === "callback" || isBetweenAttempts(event)) continue;
      this.#tables.putEvent({ ...event, state: "PENDING", wakeAt: null });
    }
  }

  async unpark(scheduleId: string): Promise<void> {
    for (const event of this.#waiting(scheduleId)) {
      if (event.wakeAt === null) this.#tables.putEvent({ ...event, wakeAt: event.dueAt });
    }
  }

  /** The open events that no attempt is under way for. */
  #waiting(scheduleId: string): readonly ScheduledEvent[] {
    return [...this.#tables.eventsOf(scheduleId)].filter(
      (event) => event.tenant === this.#tenant && !isTerminal(event.state) && event.begunAt === null,
    );
  }

  #ofRule(scheduleId: string): readonly ScheduledEvent[] {
    return [...this.#tables.eventsOf(scheduleId)].filter(
      (event) => event.tenant === this.#tenant && event.origin === "rule",
    );
  }

  #checkLeads(event: Pick<ScheduledEvent, "id" | "scheduleId">): void {
    const leader = this.#tables.leader(event.scheduleId);
    if (leader === null || leader.id === event.id) return;
    throw new Conflict("series_moved", `Event ${leader.id} leads schedule ${event.scheduleId} already`);
  }
}

function isSettled(event: ScheduledEvent): boolean {
  return isTerminal(event.state) || event.begunAt !== null || event.attempt > 0 || event.pinned;
}

function byDueAt(one: ScheduledEvent, other: ScheduledEvent): number {
  return one.dueAt.getTime() - other.dueAt.getTime() || (one.id < other.id ? -1 : 1);
}

function matches(event: ScheduledEvent, query: EventQuery): boolean {
  const { after, states, reason, scheduleId, destinationId, type, origin, dueFrom, dueBefore, minLatenessMs } = query;
  return (
    (states === undefined || states.includes(event.state)) &&
    (reason === undefined || event.reason === reason) &&
    (scheduleId === undefined || event.scheduleId === scheduleId) &&
    (destinationId === undefined || event.destinationId === destinationId) &&
    (type === undefined || event.type === type) &&
    (origin === undefined || event.origin === origin) &&
    (dueFrom === undefined || event.dueAt >= dueFrom) &&
    (dueBefore === undefined || event.dueAt < dueBefore) &&
    (minLatenessMs === undefined || (event.latenessMs ?? -1) >= minLatenessMs) &&
    (after === undefined || event.dueAt > after.dueAt || (+event.dueAt === +after.dueAt && event.id > after.id))
  );
}
