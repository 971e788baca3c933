import { compileTiming, eventIdOf, IntlZoneRules, type Timing, TIMING_DEFAULTS } from "@punctual/core";
import type { AuditRow, Evidence, EventFacts, EventRow, Life, SeenRequest } from "../src/evidence.js";
import { nameOf, TIMES } from "../src/orders.js";

export const zones = new IntlZoneRules({ version: "test" });
export const START = Date.parse("2030-01-01T12:00:00Z");
export const SCHEDULE = "00000000-0000-7000-8000-000000000001";

const timing: Timing = {
  ...TIMING_DEFAULTS,
  timeZone: "Etc/UTC",
  when: { every: "PT1S", start: "2030-01-01T12:00:00Z" },
  count: 2,
};
const compiled = compileTiming(timing, zones);
const first = compiled.after(START - 1);
const second = compiled.after(START);
if (first === null || second === null) throw new Error("The series is too short");

export const FIRST = eventIdOf(SCHEDULE, first.key);
export const SECOND = eventIdOf(SCHEDULE, second.key);

type Parts = { -readonly [K in keyof Evidence]: Evidence[K] extends readonly (infer T)[] ? T[] : Evidence[K] };

/** A run in which nothing was wrong: two events of one series, the first of which was tried twice. */
export function madeUp(): Parts {
  return {
    schedules: [
      {
        id: SCHEDULE,
        timing,
        history: [{ timing, first: first?.key ?? null, ordinal: 1 }],
        catchUp: { policy: "all" },
        ifRunning: "start",
        lateness: null,
        retry: { maxAttempts: 3, within: "P1D", initial: "PT1S", cap: "PT1S" },
      },
    ],
    acknowledged: [SCHEDULE],
    refused: [],
    rows: [row(FIRST, 1, START), row(SECOND, 2, START + 1_000)],
    attempts: [
      { eventId: FIRST, number: 1, status: null, error: "unknown" },
      { eventId: FIRST, number: 2, status: 200, error: null },
      { eventId: SECOND, number: 1, status: 204, error: null },
    ],
    audit: [
      // The first victim is killed under its request.
      ...claimed(FIRST, 1, { at: START, fence: 1 }),
      ...claimed(FIRST, 2, { at: START + TIMES.leaseMs + 10, fence: 2, attemptsMade: 1, held: true }),
      ...ended(FIRST, 2, { at: START + TIMES.leaseMs + 40, fence: 2, attemptsMade: 1 }),
      ...claimed(SECOND, 2, { at: START + 1_000, fence: 1 }),
      ...ended(SECOND, 2, { at: START + 1_030, fence: 1 }),
    ],
    requests: [
      request(FIRST, 1, { victim: 1, at: START + 5, status: null }),
      request(FIRST, 2, { victim: 2, at: START + TIMES.leaseMs + 20, status: 200 }),
      request(SECOND, 1, { victim: 2, at: START + 1_010, status: 204 }),
    ],
    lives: [
      { ...life(1), endedAt: START + 6, end: { kind: "kill" } },
      { ...life(2), termAt: START + 5_000, endedAt: START + 5_100, end: { kind: "SIGTERM", code: 0, signal: null } },
    ],
    downs: [],
    cuts: [],
  };
}

export function row(id: string, ordinal: number, dueAt: number): EventRow {
  return { id, scheduleId: SCHEDULE, where: "history", ordinal, state: "COMPLETED", reason: null, dueAt };
}

interface ChangeOf {
  readonly at: number;
  readonly fence: number;
  readonly attemptsMade?: number;
  /** Whether another claim came before. */
  readonly held?: boolean;
}

/** A claim and a begin. */
export function claimed(eventId: string, victim: number, { at, fence, attemptsMade = 0, held = false }: ChangeOf) {
  const dueAt = eventId === FIRST ? START : START + 1_000;
  const pending: EventFacts = {
    state: "PENDING",
    fence: fence - 1,
    dueAt,
    attemptsMade: 0,
    wakeAt: dueAt,
    begunAt: null,
  };
  const before: EventFacts = held
    ? { ...pending, state: "PROCESSING", wakeAt: at - 10, begunAt: at - 10 - TIMES.leaseMs }
    : pending;
  const taken: EventFacts = {
    ...{ state: "PROCESSING", fence, dueAt, attemptsMade, begunAt: null },
    wakeAt: at + TIMES.leaseMs,
  };
  const begun = { ...taken, begunAt: at };
  return [change(eventId, victim, at, before, taken), change(eventId, victim, at + 2, taken, begun)];
}

export function change(
  eventId: string,
  victim: number,
  at: number,
  before: EventFacts | null,
  after: EventFacts | null,
): AuditRow {
  const what = before === null ? "added" : after === null ? "removed" : "changed";
  return { eventId, what, tx: `${victim} ${at}`, now: at, at, who: nameOf(victim), before, after };
}

export function ended(eventId: string, victim: number, { at, fence, attemptsMade = 0 }: ChangeOf): AuditRow[] {
  const dueAt = eventId === FIRST ? START : START + 1_000;
  const before: EventFacts = {
    ...{ state: "PROCESSING", fence, dueAt, attemptsMade },
    ...{ wakeAt: at + TIMES.leaseMs, begunAt: at - 20 },
  };
  const after: EventFacts = {
    ...before,
    state: "COMPLETED",
    wakeAt: null,
    begunAt: null,
    attemptsMade: attemptsMade + 1,
  };
  const removed = change(eventId, victim, at, before, null);
  return [removed, { ...removed, what: "kept", before: null, after }];
}

export function request(
  eventId: string,
  attempt: number,
  { victim, at, status }: { victim: number; at: number; status: number | null },
): SeenRequest {
  const dueAt = eventId === FIRST ? START : START + 1_000;
  return { eventId, attempt, victim, sentAt: at, at, bodyHash: eventId, dueAt, status };
}

function life(number: number): Life {
  return {
    ...{ number, shape: "long-running", startedAt: START - 1_000, readyAt: START - 700, termAt: null, endedAt: START },
    ...{ end: { kind: "kill" }, stops: [], lost: 0, lastWords: "" },
  };
}
