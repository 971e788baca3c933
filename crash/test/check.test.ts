import { expect } from "chai";
import { check } from "../src/check.js";
import type { AuditRow, Evidence } from "../src/evidence.js";
import { TIMES } from "../src/orders.js";
import { change, claimed, ended, FIRST, madeUp, request, row, SECOND, START, zones } from "./made-up.js";

type Parts = ReturnType<typeof madeUp>;

/** The names of the checks that object. */
function objecting(evidence: Evidence): string[] {
  return check(evidence, zones)
    .verdicts.filter(({ violated }) => violated > 0)
    .map(({ name }) => name);
}

/** What went wrong, what the logs say then, and which check must object. */
const wrongs: readonly (readonly [string, (parts: Parts) => void, string])[] = [
  [
    "a schedule that was reported as created is gone",
    (parts) => parts.acknowledged.push("another"),
    "what was reported as created is there",
  ],
  [
    "a creation was refused with the server there",
    (parts) => parts.refused.push({ from: START, to: START + 5_000 }),
    "what the API does is refused only while the server is down",
  ],
  ["an event is missing", (parts) => forget(parts, SECOND), "each occurrence is one row"],
  ["an event stands there twice", (parts) => parts.rows.push(row(FIRST, 1, START)), "each occurrence is one row"],
  [
    "an event is there that no rule has",
    (parts) => parts.rows.push(row("another", 3, START + 2_000)),
    "each occurrence is one row",
  ],
  [
    "an event is due at another time than its rule says",
    (parts) => (parts.rows[1] = row(SECOND, 2, START + 1_001)),
    "each is due when its rule says, and counted",
  ],
  [
    "an event is still open",
    (parts) => (parts.rows[1] = { ...row(SECOND, 2, START + 1_000), where: "live", state: "PENDING" }),
    "every event has ended",
  ],
  [
    "an event of a schedule that wants all was skipped as missed",
    (parts) => (parts.rows[1] = { ...row(SECOND, 2, START + 1_000), state: "SKIPPED", reason: "missed" }),
    "it ended as its schedule allows",
  ],
  [
    "an event failed before it had all its attempts",
    (parts) => (parts.rows[1] = { ...row(SECOND, 2, START + 1_000), state: "FAILED", reason: "attempts_exhausted" }),
    "it ended as its schedule allows",
  ],
  [
    "a fence went back",
    (parts) => {
      const [taken] = claimed(SECOND, 2, { at: START + 1_000, fence: 1 });
      const held = taken?.after ?? null;
      splice(parts, SECOND, 2, change(SECOND, 2, START + 1_005, held, held && { ...held, fence: 0 }));
    },
    "fences rise by one with each claim, and never else",
  ],
  [
    "a claim came before the lease of another was over",
    (parts) => {
      const [again] = claimed(FIRST, 2, { at: START + 500, fence: 2, held: true });
      const before = again?.before ?? null;
      splice(parts, FIRST, 2, { ...again, before: before && { ...before, wakeAt: START + 1_500 } } as AuditRow);
    },
    "no claim while another runs",
  ],
  [
    "a claim came long before the event was due",
    (parts) => (parts.audit[6] = { ...at(parts, 6), now: START + 1_000 - TIMES.lookAheadMs - 1 }),
    "no claim and no begin too early",
  ],
  [
    "a begin came before the event was due",
    (parts) => (parts.audit[7] = { ...at(parts, 7), now: START + 999 }),
    "no claim and no begin too early",
  ],
  [
    "somebody finished what another held",
    (parts) => (parts.audit[4] = { ...at(parts, 4), who: "victim-1" }),
    "none but the holder of the fence changes what is held",
  ],
  [
    "somebody began what another held",
    (parts) => (parts.audit[3] = { ...at(parts, 3), who: "victim-1" }),
    "none but the holder of the fence changes what is held",
  ],
  [
    "an event ended twice",
    (parts) => parts.audit.push(...ended(SECOND, 1, { at: START + 3_000, fence: 1 })),
    "each event ends once, and stays so",
  ],
  ["an event was removed, and not kept", (parts) => parts.audit.splice(5, 1), "each event ends once, and stays so"],
  [
    "an event is COMPLETED that never got a 2xx",
    (parts) => {
      parts.attempts[2] = { eventId: SECOND, number: 1, status: 500, error: null };
      parts.requests[2] = request(SECOND, 1, { victim: 2, at: START + 1_010, status: 500 });
    },
    "COMPLETED if and only if a recorded attempt got a 2xx",
  ],
  [
    "an event got a 2xx, and is FAILED",
    (parts) => (parts.rows[1] = { ...row(SECOND, 2, START + 1_000), state: "FAILED", reason: "rejected" }),
    "COMPLETED if and only if a recorded attempt got a 2xx",
  ],
  [
    "a request is not on record",
    (parts) => parts.attempts.splice(0, 1),
    "each request is an attempt on record, and each answer",
  ],
  [
    "an answer is on record that nobody gave",
    (parts) => parts.requests.pop(),
    "each request is an attempt on record, and each answer",
  ],
  [
    "two requests were one attempt",
    (parts) => parts.requests.push(request(SECOND, 1, { victim: 2, at: START + 1_011, status: 204 })),
    "each request is an attempt on record, and each answer",
  ],
  [
    "two attempts have one number",
    (parts) => parts.attempts.push({ eventId: SECOND, number: 1, status: null, error: "unknown" }),
    "each request is an attempt on record, and each answer",
  ],
  [
    "the second attempt sent another body",
    (parts) => (parts.requests[1] = { ...requestAt(parts, 1), bodyHash: "another" }),
    "one body for all requests of an event",
  ],
  [
    "the body tells another due time",
    (parts) => (parts.requests[2] = { ...requestAt(parts, 2), dueAt: START }),
    "one body for all requests of an event",
  ],
  [
    "a request came early",
    (parts) => (parts.requests[2] = { ...requestAt(parts, 2), sentAt: START + 999 }),
    "no request before its event is due",
  ],
  [
    "a request followed a 2xx that was on record",
    (parts) => (parts.attempts[0] = { eventId: FIRST, number: 1, status: 200, error: null }),
    "no request after a recorded 2xx",
  ],
  [
    "a request was sent after the event had been taken over",
    (parts) => (parts.requests[0] = { ...requestAt(parts, 0), sentAt: START + TIMES.leaseMs + 15 }),
    "no request but under a lease that was begun and runs",
  ],
  [
    "a request was sent after the event had ended",
    (parts) => (parts.requests[2] = { ...requestAt(parts, 2), sentAt: START + 1_040 }),
    "no request but under a lease that was begun and runs",
  ],
  [
    "a request was sent that had not begun",
    (parts) => (parts.requests[2] = { ...requestAt(parts, 2), victim: 1 }),
    "no request but under a lease that was begun and runs",
  ],
  ["a process ended by itself", (parts) => endAs(parts, "by itself", 1), "no process ends by itself"],
  ["a process ended badly by SIGTERM", (parts) => endAs(parts, "SIGTERM", 1), "SIGTERM drains: exit code 0, in time"],
  [
    "a process took too long to drain",
    (parts) => (parts.lives[1] = { ...lifeAt(parts), endedAt: START + 5_001 + TIMES.graceMs }),
    "SIGTERM drains: exit code 0, in time",
  ],
  [
    "a process left a claim behind",
    (parts) => (parts.lives[1] = { ...lifeAt(parts), termAt: START + 900, endedAt: START + 1_015 }),
    "SIGTERM leaves no claim behind",
  ],
];

describe("check", () => {
  it("objects to nothing in a run in which nothing went wrong", () => {
    const { verdicts, requests } = check(madeUp(), zones);
    expect(verdicts.flatMap(({ violations }) => violations)).to.deep.equal([]);
    expect(verdicts.filter(({ checked }) => checked === 0)).to.deep.equal([]);
    expect(requests).to.deep.equal({ duplicatesAfterUnknown: 1, duplicatesAfterFailure: 0, sentByStopped: 0 });
  });

  for (const [wrong, plant, name] of wrongs)
    it(`objects where ${wrong}`, () => {
      const parts = madeUp();
      plant(parts);
      expect(objecting(parts)).to.include(name);
    });

  it("has each of its checks in the table above", () => {
    const names = check(madeUp(), zones).verdicts.map(({ name }) => name);
    expect(wrongs.map(([, , name]) => name)).to.include.members(names);
  });

  it("forgives a late request to a process that was stopped before it", () => {
    const parts = madeUp();
    parts.requests[0] = { ...requestAt(parts, 0), sentAt: START + TIMES.leaseMs + 15 };
    const [life] = parts.lives;
    if (life !== undefined) parts.lives[0] = { ...life, stops: [{ from: START + 3, to: START + TIMES.leaseMs + 14 }] };
    expect(objecting(parts)).to.deep.equal([]);
    expect(check(parts, zones).requests.sentByStopped).to.equal(1);
  });

  it("forgives a claim left behind to a process whose connection was cut", () => {
    const parts = madeUp();
    parts.lives[1] = { ...lifeAt(parts), termAt: START + 900, endedAt: START + 1_015 };
    parts.cuts.push({ at: START + 1_005, victim: 2 });
    expect(objecting(parts)).to.deep.equal([]);
  });

  it("measures how long the events of the killed waited", () => {
    const { storm, alone } = check(madeUp(), zones).recovery;
    // Killed 6 ms after its claim, whose lease ran from 2 ms after it; taken over 10 ms after that.
    expect(storm).to.include({ events: 1, max: TIMES.leaseMs + 4, maxBeyond: 10 });
    expect(alone.events).to.equal(0);
  });
});

function forget(parts: Parts, id: string): void {
  parts.rows = parts.rows.filter((one) => one.id !== id);
}

/** Puts a change behind the so-manyth of an event. */
function splice(parts: Parts, id: string, after: number, row: AuditRow): void {
  const from = parts.audit.findIndex(({ eventId }) => eventId === id);
  parts.audit.splice(from + after, 0, row);
}

function at(parts: Parts, index: number): AuditRow {
  return parts.audit[index] as AuditRow;
}

function requestAt(parts: Parts, index: number) {
  return parts.requests[index] as Parts["requests"][number];
}

function lifeAt(parts: Parts) {
  return parts.lives[1] as Parts["lives"][number];
}

function endAs(parts: Parts, kind: "SIGTERM" | "by itself", code: number): void {
  parts.lives[1] = { ...lifeAt(parts), end: { kind, code, signal: null } };
}
