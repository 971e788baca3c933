import type { Attempt, NewEvent, Reason, ScheduledEvent } from "../events/event.js";
import type { ClaimRef } from "../events/life-cycle.js";
import type { Destination } from "../destinations/destination.js";
import type { CallbackOwner, Schedule, SeriesOwner } from "../schedules/schedule.js";

/**
 * Where events wait until they are due, seen by schedulers and workers, across all tenants. Every adapter promises:
 *   I1.  an event is in one live claim at most, however many ask at once;
 *   I2.  a claim that is not finished when its lease ends is offered again, with a higher fence;
 *   I3.  only the holder of the current fence can begin, finish, release or extend; a late one is told `lost` and
 *        changes nothing;
 *   I4.  what `plan` answers, successors above all, is stored in the same transaction as the claim, or neither is; where
 *        the one that should lead is there already, the next one that is not leads, so that no series ends over it;
 *   I6.  a terminal event is never offered again, except by a redrive;
 *   I7.  `begin` reads event, schedule and destination afresh: what committed before it is seen by it;
 *   I8.  the store's own clock decides what is due, and nothing is claimed that falls due later than asked for;
 *   E1.  no more than `limit` events are claimed, the earliest first, or the latest where these are asked for; none due is
 *        an empty list;
 *   E2.  a claim begins once, and not before its event is due by the store's clock: a second `begin` with the same fence is
 *        told `lost`, an early one how long to wait, and nothing is changed;
 *   E3.  what is sent is fixed by the first `begin` and is the same at each later one, until a redrive;
 *   E4.  an attempt that began and was never reported is recorded as `unknown` when its event is claimed again;
 *   E5.  `finish` records the attempt, the new state and the callback together, each event by itself: a lost one stops no
 *        other;
 *   E6.  `release` gives back at once what has not begun, and leaves all else alone;
 *   E7.  an event is parked only while its schedule is paused: where it was resumed meanwhile, it is woken at once;
 *   E8.  `giveUp` leaves alone what has begun, since a worker may still be at it; of the rest it fails, as undeliverable,
 *        what was claimed so many times running without one begin, and releases what was not;
 *   E9.  a lease runs from the claim, or from the due time of what was claimed ahead of it;
 *   E10. `takeDue` is a claim and a begin in one transaction, for whoever sends by itself: all that is promised of the two
 *        holds, and nothing is taken ahead of its time.
 */
export interface EventStore {
  claimDue(request: ClaimRequest, plan: PlanClaim): Promise<ClaimReport>;
  begin(claims: readonly ClaimRef[], leaseMs: number): Promise<BeginReport>;
  takeDue(request: TakeRequest, plan: PlanClaim): Promise<TakeReport>;
  finish(endings: readonly Ending[]): Promise<{ readonly lost: readonly ClaimRef[] }>;
  release(claims: readonly ClaimRef[]): Promise<void>;
  giveUp(claims: readonly ClaimRef[], mostUnheard: number, tell?: TellOthers): Promise<void>;
  extend(claims: readonly ClaimRef[], leaseMs: number): Promise<{ readonly lost: readonly ClaimRef[] }>;
  /** When the next event wants attention; null when none does. */
  nextWake(): Promise<NextWake | null>;
  /** For the heartbeat: how far behind, how many due, how many open, and whether something holds the store back. */
  backlog(): Promise<Backlog>;
}

export interface NextWake {
  /** On the store's clock, as `now` is. */
  readonly at: Date;
  readonly now: Date;
  /** Whether the event waits for its own due time, and so may be claimed ahead. */
  readonly ahead: boolean;
}

export interface ClaimRequest {
  readonly limit: number;
  readonly leaseMs: number;
  /**
   * Also claims what falls due within so much time from now: only pending events that wait for their own due time, since
   * neither a lease nor the pause before a retry may be cut short. Zero, if left out.
   */
  readonly lookAheadMs?: number;
  /** Of all that want attention, those that have wanted it for the shortest time. */
  readonly latest?: boolean;
}

export type TakeRequest = Omit<ClaimRequest, "lookAheadMs">;

export interface TakeReport {
  readonly begun: readonly Begun[];
  /** As of a claim. */
  readonly seen: number;
  readonly planned: number;
}

export interface ClaimReport {
  readonly claims: readonly Claim[];
  /** How many events wanted attention: those claimed, and those that the plan skipped, parked, or ended otherwise. */
  readonly seen: number;
  /** How many events were added: to their series, and to tell of one that ended. */
  readonly planned: number;
  readonly now: Date;
}

/** An event that wants attention, and what must be known to decide about it. */
export interface DueEvent {
  /** As it was before the claim: when it wanted attention tells whether it was missed. */
  readonly event: WaitingEvent;
  readonly schedule: PlannedSchedule;
  /**
   * Whether another open event of the schedule is claimed, those that this claim takes included, or was tried already.
   * Only read where `ifRunning` is not `start`.
   */
  readonly othersRunning: boolean;
}

/** As much of an event as deciding about its claim takes. */
export type WaitingEvent = Pick<
  ScheduledEvent,
  | "id"
  | "tenant"
  | "scheduleId"
  | "type"
  | "tzdata"
  | "origin"
  | "key"
  | "ordinal"
  | "dueAt"
  | "pinned"
  | "leads"
  | "wakeAt"
  | "attempt"
  | "redrives"
>;

/** As much of a schedule as that takes, and what makes its next events. */
export type PlannedSchedule = SeriesOwner &
  CallbackOwner &
  Pick<Schedule, "catchUp" | "lateness" | "ifRunning" | "retry">;

/** What to do with an event that wants attention. A pure function: a store may ask it more than once. */
export type PlanClaim = (due: DueEvent, now: Date) => ClaimPlan;

export interface ClaimPlan {
  readonly verdict: ClaimVerdict;
  /** Stored with the claim, in order; the last one that is pending leads the series from now on. */
  readonly successors: readonly NewEvent[];
  /** What leads the series instead, where the event that should lead it is there already. */
  readonly following?: (leader: NewEvent) => NewEvent | null;
}

export type ClaimVerdict =
  | { readonly kind: "take" }
  | { readonly kind: "skip" | "fail" | "cancel"; readonly reason: Reason }
  /** Not now: its schedule is paused. Woken by the resume. */
  | { readonly kind: "park" }
  /** Not now: asked again at that time. */
  | { readonly kind: "wait"; readonly until: Date };

/** A claimed event, as much of it as hand-over needs. */
export interface Claim extends ClaimRef {
  readonly scheduleId: string;
  readonly dueAt: Date;
  /** When the hold ends, on the store's clock. */
  readonly leaseEnd: Date;
}

export interface Begun {
  readonly claim: ClaimRef;
  readonly event: ScheduledEvent;
  readonly schedule: DeliveredSchedule;
  /** Null when it was deleted meanwhile. */
  readonly destination: Destination | null;
  /** How many attempts the event has had over all redrives, this one included. */
  readonly attemptNumber: number;
  /** The store's clock. */
  readonly now: Date;
}

/** As much of a schedule as a worker asks about. */
export type DeliveredSchedule = CallbackOwner & Pick<Schedule, "tenant" | "status" | "revision" | "lateness" | "retry">;

export interface BeginReport {
  readonly begun: readonly Begun[];
  readonly lost: readonly ClaimRef[];
  /** Claimed ahead of their time, and still held: to be begun again after so long. */
  readonly early: readonly { readonly claim: ClaimRef; readonly inMs: number }[];
}

/** How a claim ends. */
export interface Ending {
  readonly claim: ClaimRef;
  readonly outcome: Outcome;
  /** The attempt that was made; absent where none was, and then the one that had begun does not count. */
  readonly attempt?: Attempt;
  /** First sent minus due. */
  readonly latenessMs?: number;
  /** Stored with the end that it tells of, or not at all where the claim was lost. */
  readonly callback?: NewEvent;
}

/** What tells others that an event was given up, if anything does. */
export type TellOthers = (event: ScheduledEvent, owner: CallbackOwner, now: Date) => NewEvent | null;

export type Outcome =
  | { readonly state: "COMPLETED" }
  | { readonly state: "FAILED" | "SKIPPED" | "CANCELLED"; readonly reason: Reason }
  /** Tried again so much later, by the store's clock; null waits for the resume of a paused schedule. */
  | { readonly state: "PENDING"; readonly inMs: number | null }
  /**
   * Its receiver has taken it over and will say how it went. Until so much later it is held by nobody's claim: its fence
   * rises, so that no message begins it again. Then it is offered again.
   */
  | { readonly state: "PROCESSING"; readonly inMs: number };

export interface Backlog {
  readonly oldestDueAgeMs: number;
  readonly due: number;
  readonly open: number;
  /**
   * The age of the oldest transaction that keeps rows from being removed that no one else can see: while it lasts claims
   * grow slower. 0 where there is none, or no such thing.
   */
  readonly oldestSnapshotMs: number;
}
