import type { Attempt, Content, EventState, NewEvent, Origin, Reason, ScheduledEvent } from "../events/event.js";

/**
 * The events of one tenant, within a transaction: what callers read and change, while schedulers and workers use the
 * `EventStore`. Every adapter promises:
 *   Q1. adding an event whose id is there keeps the first, live or finished;
 *   Q2. a schedule has one leading event at most: a second ends in `series_moved`;
 *   Q3. an event whose attempt is under way is not changed: `in_flight`; a claim that has not begun is void as soon as
 *       its event is changed (I7), and an attempt that began and was never reported is recorded as `unknown`;
 *   Q4. lists run in the order of due time and id, each entry once, whatever is written meanwhile;
 *   Q5. what is parked is not offered until it is unparked; what was tried and is claimed, or awaits its receiver's word, is
 *       left as it is;
 *   Q6. what was sent stays on record: where a redrive lets an event be rendered anew, its attempts so far keep what they sent;
 *   Q7. what is upcoming is the earliest of the open events that the rule has made, also of those that are parked or claimed,
 *       at the due time that it has now; a schedule that has none is not among the answers.
 */
export interface EventRecords {
  add(events: readonly NewEvent[]): Promise<void>;
  get(id: string): Promise<ScheduledEvent | null>;
  attempts(id: string): Promise<readonly Attempt[]>;
  /** What attempts have sent, by their number, where that is no longer the event's own content. */
  sentBefore(id: string): Promise<ReadonlyMap<number, Content>>;
  list(query: EventQuery): Promise<readonly ScheduledEvent[]>;

  /** The event that leads the schedule's series, if it goes on. */
  leader(scheduleId: string): Promise<ScheduledEvent | null>;
  /** By schedule, when the earliest of its open events of the rule is due. */
  upcoming(scheduleIds: readonly string[]): Promise<ReadonlyMap<string, Date>>;
  /** The schedule's open events of the rule that no worker has begun and no hand has moved, the earliest first. */
  replannable(scheduleId: string): Promise<readonly ScheduledEvent[]>;
  /**
   * By `series`, the event of the rule with the highest ordinal of those that a worker has begun, that have ended or were
   * moved by hand. By `wall`, the furthest on the wall clock of those that were tried or have ended by being sent, or whose
   * time has passed otherwise.
   */
  lastSettled(scheduleId: string, order: "series" | "wall"): Promise<ScheduledEvent | null>;

  /** Writes over an event that is not in flight, as `life-cycle.ts` would have it. */
  replace(event: ScheduledEvent): Promise<void>;
  /** Takes back events that were only foreseen. */
  withdraw(ids: readonly string[]): Promise<void>;
  park(scheduleId: string): Promise<void>;
  unpark(scheduleId: string): Promise<void>;
}

export interface EventQuery {
  readonly limit: number;
  /** Where the list goes on: behind this event. */
  readonly after?: { readonly dueAt: Date; readonly id: string };
  readonly states?: readonly EventState[];
  readonly reason?: Reason;
  readonly scheduleId?: string;
  readonly destinationId?: string;
  readonly type?: string;
  readonly origin?: Origin;
  /** Due no earlier, and earlier than. */
  readonly dueFrom?: Date;
  readonly dueBefore?: Date;
  readonly minLatenessMs?: number;
}
