import { parseDuration } from "../recurrence/duration.js";
import type { LatenessLimit, RetryPolicy } from "../schedules/schedule.js";
import type { SendResult } from "../ports/sender.js";
import { isAskedFor, type Reason, type ScheduledEvent } from "./event.js";

/** What an answer means for the event. */
export type Meaning = "success" | "transient" | "permanent" | "gone";

const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429]);

/** 2xx is success whatever the body; 408, 425, 429, 5xx and no answer at all may pass; 410 is for ever; so is the rest. */
export function meaningOf(result: Pick<SendResult, "status" | "error">): Meaning {
  const { status, error } = result;
  if (error === "blocked_address") return "permanent";
  if (error !== null || status === null) return "transient";
  if (status >= 200 && status <= 299) return "success";
  if (status === 410) return "gone";
  return TRANSIENT.has(status) || (status >= 500 && status <= 599) ? "transient" : "permanent";
}

/** The most that a receiver can put off its next attempt. */
export const RETRY_AFTER_CAP_MS = 86_400_000;

/**
 * The three forms of an HTTP date (RFC 9110, section 5.6.7). Whatever else `Date.parse` takes, it reads in the machine's own
 * zone or guesses at.
 */
const HTTP_DATES: readonly RegExp[] = [
  /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
];

/** Milliseconds that a `Retry-After` header asks for: seconds or an HTTP date; null for garbage and for the past. */
export function parseRetryAfter(header: string | null, now: Date): number | null {
  if (header === null || header.length > 64) return null;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, RETRY_AFTER_CAP_MS);
  const wait = parseHttpDate(text) - now.getTime();
  return Number.isNaN(wait) || wait <= 0 ? null : Math.min(wait, RETRY_AFTER_CAP_MS);
}

function parseHttpDate(text: string): number {
  const match = HTTP_DATES.map((form) => form.exec(text)).find((match) => match !== null);
  const { day = "", month = "", year = "", time = "" } = match?.groups ?? {};
  return Date.parse(`${day.trim()} ${month} ${year.padStart(4, "20")} ${time} GMT`);
}

export interface RetryQuestion {
  readonly policy: RetryPolicy;
  /** In epoch milliseconds. */
  readonly latestSend: number;
  readonly firstAttemptAt: Date;
  /** How many attempts were made since the event was created or redriven. */
  readonly attempt: number;
  readonly now: Date;
  readonly retryAfterMs: number | null;
  /** From 0 up to 1. */
  readonly chance: number;
}

export type RetryDecision =
  | { readonly again: true; readonly inMs: number }
  | { readonly again: false; readonly reason: Extract<Reason, "attempts_exhausted" | "out_of_time"> };

/** No pause is shorter, whatever the dice say. */
const SHORTEST_PAUSE_MS = 1_000;

/**
 * Exponential backoff with full jitter: a pause anywhere up to a ceiling that doubles, so that the events of an outage do
 * not come back together. `Retry-After` can lengthen it, never shorten it.
 */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const { policy, attempt, now } = question;
  if (attempt >= policy.maxAttempts) return { again: false, reason: "attempts_exhausted" };
  const cap = parseDuration(policy.cap) ?? 0;
  const ceiling = Math.min(cap, (parseDuration(policy.initial) ?? 0) * 2 ** Math.min(attempt - 1, 40));
  const pause = Math.max(SHORTEST_PAUSE_MS, Math.ceil(question.chance * ceiling));
  const deadline = Math.min(
    question.latestSend,
    question.firstAttemptAt.getTime() + (parseDuration(policy.within) ?? 0),
  );
  const left = deadline - now.getTime();
  if (pause > left) return { again: false, reason: "out_of_time" };
  // Who asks for more time than there is left is asked once more at its end.
  return { again: true, inMs: Math.max(pause, Math.min(question.retryAfterMs ?? 0, left)) };
}

/** The last instant at which an event may be sent; one that somebody asked for has none. */
export function latestSend(
  lateness: LatenessLimit | null,
  event: Pick<ScheduledEvent, "dueAt" | "origin" | "redrives">,
): number {
  if (lateness === null || isAskedFor(event)) return Infinity;
  return event.dueAt.getTime() + (parseDuration(lateness.max) ?? 0);
}
