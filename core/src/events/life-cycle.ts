import { type Content, type EventState, type Reason, type ScheduledEvent } from "./event.js";

/**
 * The states of an event and what leads from one to another; `docs/life-cycle.md` draws it. All of it is pure: a store
 * applies these functions to its rows, or says the same in SQL.
 */
export type Action =
  | "claim"
  | "begin"
  | "accept"
  | "complete"
  | "fail"
  | "retry"
  | "release"
  | "skip"
  | "cancel"
  | "reschedule"
  | "redrive";

const NEXT: Readonly<Record<EventState, Partial<Record<Action, EventState>>>> = {
  PENDING: { claim: "PROCESSING", skip: "SKIPPED", cancel: "CANCELLED", fail: "FAILED", reschedule: "PENDING" },
  PROCESSING: {
    claim: "PROCESSING", // its lease has ended
    begin: "PROCESSING",
    accept: "PROCESSING", // its receiver will say how it went
    complete: "COMPLETED",
    fail: "FAILED",
    retry: "PENDING",
    release: "PENDING",
    skip: "SKIPPED",
    cancel: "CANCELLED", // until its attempt has begun
    reschedule: "PENDING", // likewise
  },
  COMPLETED: {},
  FAILED: { redrive: "PENDING" },
  CANCELLED: {},
  SKIPPED: {},
};

/** The state that an action leads to; null where it is not allowed. */
export function nextState(state: EventState, action: Action): EventState | null {
  return NEXT[state][action] ?? null;
}

/** A hold on an event: good for as long as no later claim has a higher fence. */
export interface ClaimRef {
  readonly eventId: string;
  readonly tenant: string;
  readonly fence: number;
}

export function claimKey({ eventId, fence }: ClaimRef): string {
  return `${eventId}/${fence}`;
}

/** Whether an attempt is under way whose lease still runs: then nobody but its worker may touch the event. */
export function isInFlight(event: ScheduledEvent, now: Date): boolean {
  return event.state === "PROCESSING" && event.begunAt !== null && event.wakeAt !== null && event.wakeAt > now;
}

/** Tried, and held without an attempt under way: its receiver is to say how it went, or its next attempt has not begun yet. */
export function isBetweenAttempts({ state, attempt, begunAt }: ScheduledEvent): boolean {
  return state === "PROCESSING" && attempt > 0 && begunAt === null;
}

export function holds(event: ScheduledEvent, claim: ClaimRef): boolean {
  return event.state === "PROCESSING" && event.fence === claim.fence;
}

export function claimed(event: ScheduledEvent, leaseEnd: Date): ScheduledEvent {
  const [fence, unheard] = [event.fence + 1, event.unheard + 1];
  return { ...event, state: "PROCESSING", leads: false, wakeAt: leaseEnd, fence, unheard, begunAt: null };
}

/**
 * The worker's side takes the claim over: once, so that two workers with the same message never send at the same time.
 * What is sent is fixed here, at the first attempt; where it goes is looked up each time.
 */
export function begun(
  event: ScheduledEvent,
  now: Date,
  leaseEnd: Date,
  current: { readonly content: Content; readonly destinationId: string },
): ScheduledEvent {
  const content = event.content ?? current.content;
  return {
    ...event,
    type: content.type,
    destinationId: event.origin === "callback" ? event.destinationId : current.destinationId,
    wakeAt: leaseEnd,
    unheard: 0,
    begunAt: now,
    attempt: event.attempt + 1,
    firstAttemptAt: event.firstAttemptAt ?? now,
    content,
  };
}

export function finished(
  event: ScheduledEvent,
  state: "COMPLETED" | "FAILED" | "CANCELLED" | "SKIPPED",
  now: Date,
  reason: Reason | null,
): ScheduledEvent {
  return { ...event, state, reason, leads: false, wakeAt: null, begunAt: null, finishedAt: now };
}

/** Taken over by its receiver, which says how it went, or is asked again at that time. */
export function accepted(event: ScheduledEvent, until: Date): ScheduledEvent {
  return { ...event, wakeAt: until, fence: event.fence + 1, begunAt: null };
}

/** Back to waiting, after an attempt: until its retry, or, with null, until its schedule is resumed. */
export function retried(event: ScheduledEvent, wakeAt: Date | null): ScheduledEvent {
  return { ...event, state: "PENDING", wakeAt, begunAt: null };
}

/** Back to waiting without an attempt having been made, though one had perhaps begun. */
export function handedBack(event: ScheduledEvent, wakeAt: Date | null): ScheduledEvent {
  if (event.begunAt === null) return { ...event, state: "PENDING", wakeAt };
  const attempt = event.attempt - 1;
  const untried = attempt === 0 ? { firstAttemptAt: null, content: lastingContent(event), latenessMs: null } : {};
  return { ...event, state: "PENDING", wakeAt, begunAt: null, attempt, ...untried };
}

/** What an event sends though no attempt has fixed it. */
function lastingContent({ origin, content }: ScheduledEvent): Content | null {
  return origin === "callback" ? content : null;
}

/** Moved in time by hand, an edit or new zone data. A claim that has not begun is void from now on. */
export function moved(
  event: ScheduledEvent,
  to: Partial<Pick<ScheduledEvent, "dueAt" | "local" | "note" | "tzdata" | "pinned" | "leads" | "ordinal">>,
  options: { readonly parked: boolean },
): ScheduledEvent {
  const dueAt = to.dueAt ?? event.dueAt;
  return { ...event, ...to, dueAt, state: "PENDING", begunAt: null, wakeAt: options.parked ? null : dueAt };
}

/** A failed event set going again by hand: the same id, its budget of attempts renewed, what it sends rendered anew. */
export function redriven(event: ScheduledEvent, wakeAt: Date): ScheduledEvent {
  return {
    ...event,
    state: "PENDING",
    wakeAt,
    reason: null,
    attempt: 0,
    firstAttemptAt: null,
    content: lastingContent(event),
    redrives: event.redrives + 1,
    finishedAt: null,
  };
}
