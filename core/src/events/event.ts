import type { OccurrenceKey } from "../recurrence/occurrence.js";
import type { Occurrence, OccurrenceNote } from "../recurrence/recurrence.js";
import { formatOffset, formatWall } from "../recurrence/wall.js";

export type EventState = "PENDING" | "PROCESSING" | "COMPLETED" | "FAILED" | "CANCELLED" | "SKIPPED";

export type TerminalState = "COMPLETED" | "FAILED" | "CANCELLED" | "SKIPPED";

/** Why an event ended other than by success, or waits. Public: clients match on these. */
export type Reason =
  // SKIPPED
  | "missed"
  | "too_late"
  | "previous_still_running"
  | "schedule_changed"
  // CANCELLED
  | "cancelled"
  | "schedule_deleted"
  // FAILED
  | "rejected"
  | "gone"
  | "attempts_exhausted"
  | "out_of_time"
  | "destination_disabled"
  | "undeliverable";

/** What the clock on the wall shows when an event is due. */
export interface LocalTime {
  readonly dateTime: string;
  readonly timeZone: string;
  readonly offset: string;
  readonly fold: 0 | 1;
}

/** What is sent, as it was when its first attempt began, so that every attempt sends the same bytes. */
export interface Content {
  readonly type: string;
  /** The schedule's payload: the exact JSON text that was received. */
  readonly payload: string;
  /** What fills the placeholders of a template: the user's data, for a birthday. */
  readonly subject: Readonly<Record<string, string>> | null;
}

export type Origin = "rule" | "manual" | "callback";

/** What an event is, whatever becomes of it. */
interface EventFacts {
  readonly id: string;
  readonly tenant: string;
  readonly scheduleId: string;
  readonly type: string;
  readonly destinationId: string;
  /**
   * `manual` events were asked for by hand, a `callback` tells how another event has ended; neither belongs to an
   * occurrence of the rule.
   */
  readonly origin: Origin;
  readonly key: OccurrenceKey;
  /** Its place in the series, from 1; 0 for what belongs to none. */
  readonly ordinal: number;
  readonly local: LocalTime;
  readonly note: OccurrenceNote | null;
  readonly dueAt: Date;
  /** The version of the zone data that gave `dueAt`. */
  readonly tzdata: string;
}

/** One occurrence made a row: it will be delivered, or was. */
export interface ScheduledEvent extends EventFacts {
  /** Moved by hand: neither an edit nor new zone data move it again. */
  readonly pinned: boolean;

  readonly state: EventState;
  /** The last of its series so far: whoever claims, cancels or moves it makes its successor in the same transaction. */
  readonly leads: boolean;
  /** When it wants attention: due time, retry time and lease end alike. Null while its schedule is paused. */
  readonly wakeAt: Date | null;
  /** Counts its claims; only the holder of the current one may change it. */
  readonly fence: number;
  /** How many of its claims, the last ones running, nobody began: their messages were lost or could not be handled. */
  readonly unheard: number;
  /** When the attempt that is under way began; null between attempts. */
  readonly begunAt: Date | null;
  /** How many attempts have begun since it was created or last redriven. */
  readonly attempt: number;
  readonly firstAttemptAt: Date | null;
  readonly content: Content | null;
  readonly redrives: number;
  readonly reason: Reason | null;
  /** First sent minus due; null until it was sent. */
  readonly latenessMs: number | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** An event to be stored: `SKIPPED` ones are recorded without ever having been live. */
export interface NewEvent extends EventFacts {
  readonly state: "PENDING" | "SKIPPED";
  readonly reason: Reason | null;
  readonly leads: boolean;
  /** Created already waiting for a resume. */
  readonly parked: boolean;
  /** What a callback says is fixed from the start; what others send, by their first attempt. */
  readonly content?: Content;
}

/** One try at delivering an event. */
export interface Attempt {
  /** Counts over redrives too. */
  readonly number: number;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly status: number | null;
  /** `unknown` stands for a worker that began and never reported. */
  readonly error: AttemptError | null;
  /** More about the error, as a code: which rule an address breaks, or what the connection failed for. */
  readonly detail: string | null;
  readonly timings: AttemptTimings | null;
  readonly responseExcerpt: string | null;
}

/** What an attempt's time went into, in milliseconds. A connection that was open already has only the last. */
export interface AttemptTimings {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  /** From the start to the first byte of the answer. */
  readonly firstByteMs: number | null;
}

export type AttemptError = "dns" | "connect" | "tls" | "timeout" | "reset" | "protocol" | "blocked_address" | "unknown";

const TERMINAL: ReadonlySet<EventState> = new Set(["COMPLETED", "FAILED", "CANCELLED", "SKIPPED"]);

export function isTerminal(state: EventState): state is TerminalState {
  return TERMINAL.has(state);
}

/** Whether somebody wanted this very event to be sent: then no policy of its schedule leaves it out. */
export function isAskedFor(event: Pick<ScheduledEvent, "origin" | "redrives">): boolean {
  return event.origin !== "rule" || event.redrives > 0;
}

export function localTimeOf(moment: Pick<Occurrence, "instant" | "fold" | "offset">, timeZone: string): LocalTime {
  const { instant, offset, fold } = moment;
  return { dateTime: formatWall(instant + offset), timeZone, offset: formatOffset(offset), fold };
}

/** The row that a new event becomes. */
export function eventFrom(event: NewEvent, now: Date): ScheduledEvent {
  const { parked, ...given } = event;
  const skipped = event.state === "SKIPPED";
  return {
    ...given,
    pinned: false,
    wakeAt: skipped || parked ? null : event.dueAt,
    fence: 0,
    unheard: 0,
    begunAt: null,
    attempt: 0,
    firstAttemptAt: null,
    content: event.content ?? null,
    redrives: 0,
    latenessMs: null,
    createdAt: now,
    finishedAt: skipped ? now : null,
  };
}
