import { expect } from "chai";
import fc from "fast-check";
import type { AttemptError } from "../../src/events/event.js";
import {
  decideRetry,
  latestSend,
  type Meaning,
  meaningOf,
  parseRetryAfter,
  RETRY_AFTER_CAP_MS,
  type RetryQuestion,
} from "../../src/events/retry.js";
import { SeededRng } from "../../src/memory/chance.js";
import { parseDuration } from "../../src/recurrence/duration.js";
import { SCHEDULE_DEFAULTS } from "../../src/schedules/schedule.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("meaningOf", () => {
  const statuses: readonly (readonly [Meaning, ...number[]])[] = [
    ["success", 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 250, 299],
    ["transient", 408, 425, 429, 500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 522, 529, 598, 599],
    ["gone", 410],
    ["permanent", 100, 101, 103, 199, 300, 301, 302, 303, 304, 307, 308, 399],
    ["permanent", 400, 401, 402, 403, 404, 405, 406, 407, 409, 411, 412, 413, 414, 415, 418, 421, 422, 423, 424],
    ["permanent", 426, 428, 431, 451, 499, 600, 601, 700, 999, 0, -1],
  ];
  for (const [meaning, ...list] of statuses) {
    for (const status of list) {
      it(`takes ${status} for ${meaning}`, () => expect(meaningOf({ status, error: null })).to.equal(meaning));
    }
  }

  const errors: readonly (readonly [AttemptError, Meaning])[] = [
    ["dns", "transient"],
    ["connect", "transient"],
    ["tls", "transient"],
    ["timeout", "transient"],
    ["reset", "transient"],
    ["protocol", "transient"],
    ["unknown", "transient"],
    ["blocked_address", "permanent"],
  ];
  for (const [error, meaning] of errors) {
    it(`takes ${error} for ${meaning}, whatever part of an answer came`, () => {
      for (const status of [null, 200, 204, 404, 410, 503]) expect(meaningOf({ status, error })).to.equal(meaning);
    });
  }

  it("takes no answer at all for transient", () => {
    expect(meaningOf({ status: null, error: null })).to.equal("transient");
  });
});

describe("parseRetryAfter", () => {
  const now = new Date("2027-03-14T09:00:00.250Z");
  const cases: readonly (readonly [header: string | null, ms: number | null])[] = [
    [null, null],
    ["", null],
    ["0", 0],
    ["1", 1_000],
    ["120", 120_000],
    [" 120 ", 120_000],
    ["0120", 120_000],
    ["86400", RETRY_AFTER_CAP_MS],
    ["86401", RETRY_AFTER_CAP_MS],
    ["999999999999999", RETRY_AFTER_CAP_MS],
    ["9999999999999999999999", RETRY_AFTER_CAP_MS],
    ["9".repeat(64), RETRY_AFTER_CAP_MS],
    ["9".repeat(65), null],
    ["-1", null],
    ["+1", null],
    ["1.5", null],
    ["1e3", null],
    ["0x10", null],
    ["1 2", null],
    ["120, 240", null],
    ["120s", null],
    ["soon", null],
    ["٣", null],
    ["Infinity", null],
    ["\0", null],
    ["Sun, 14 Mar 2027 09:00:10 GMT", 9_750],
    ["Sunday, 14-Mar-27 09:00:10 GMT", 9_750],
    ["Sun Mar 14 09:00:10 2027", 9_750],
    ["Thu Apr  1 09:00:00 2027", RETRY_AFTER_CAP_MS],
    ["Fri, 01 Jan 2100 00:00:00 GMT", RETRY_AFTER_CAP_MS],
    ["Sun, 14 Mar 2027 09:00:00 GMT", null],
    ["Sun, 06 Nov 1994 08:49:37 GMT", null],
    // What `Date.parse` would take, in the machine's zone or by guessing.
    ["Sun, 14 Mar 2027 10:00:00", null],
    ["Sun, 14 Mar 2027 10:00:00 +0000", null],
    ["Sun, 14 Mar 2027 10:00:00 PST", null],
    ["2027-03-14T10:00:00Z", null],
    ["Mon, 2099", null],
    ["Nonsense, 2099", null],
    ["Sun, 14 Foo 2027 10:00:00 GMT", null],
    ["Sun, 14 Mar 2027 25:00:00 GMT", null],
    ["Sun, 99 Mar 2027 10:00:00 GMT", null],
    [`Sun, 14 Mar 2027 10:00:00 GMT${" ".repeat(64)}`, null],
  ];
  for (const [header, ms] of cases) {
    it(`reads ${JSON.stringify(header).slice(0, 60)} as ${ms}`, () => {
      expect(parseRetryAfter(header, now)).to.equal(ms);
    });
  }

  it("reads a date alike in whatever zone the machine stands", () => {
    const zone = process.env.TZ;
    try {
      for (process.env.TZ of ["America/New_York", "Asia/Tokyo"]) {
        for (const header of ["Sun, 14 Mar 2027 09:00:10 GMT", "Sun Mar 14 09:00:10 2027"]) {
          expect(parseRetryAfter(header, now), header).to.equal(9_750);
        }
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it("answers null or a time within the cap, whatever the header", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (header) => {
        const ms = parseRetryAfter(header, now);
        if (ms !== null) expect(ms).to.be.within(0, RETRY_AFTER_CAP_MS);
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });
});

describe("decideRetry", () => {
  const dueAt = new Date("2027-03-14T09:00:00Z");
  const question = (given: Partial<RetryQuestion> = {}): RetryQuestion => ({
    policy: SCHEDULE_DEFAULTS.retry,
    latestSend: Infinity,
    firstAttemptAt: dueAt,
    attempt: 1,
    now: dueAt,
    retryAfterMs: null,
    chance: 0.999999,
    ...given,
  });
  const pause = (given: Partial<RetryQuestion>) => {
    const decision = decideRetry(question(given));
    return decision.again ? decision.inMs : decision.reason;
  };
  const later = (ms: number) => new Date(dueAt.getTime() + ms);

  it("doubles the longest pause up to the cap", () => {
    const policy = { maxAttempts: 12, within: "P7D", initial: "PT20S", cap: "PT6H" };
    const pauses = Array.from({ length: 11 }, (_, index) => pause({ policy, attempt: index + 1, chance: 1 }));
    const seconds = [20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 20_480];
    expect(pauses).to.deep.equal(seconds.map((second) => second * 1_000));
    expect(pause({ policy: { ...policy, maxAttempts: 200 }, attempt: 12, chance: 1 })).to.equal(6 * HOUR);
    expect(pause({ policy: { ...policy, maxAttempts: 200 }, attempt: 199, chance: 1 })).to.equal(6 * HOUR);
  });

  it("spreads the pauses over all that the ceiling allows: full jitter", () => {
    const pauses = Array.from(
      { length: 10_000 },
      (_, index) => pause({ attempt: 6, chance: index / 10_000 }) as number,
    );
    expect(Math.min(...pauses)).to.equal(1_000);
    expect(Math.max(...pauses)).to.be.within(639_000, 640_000);
    const middle = pauses.reduce((sum, one) => sum + one, 0) / pauses.length;
    expect(middle).to.be.within(315_000, 325_000);
  });

  it("keeps to the ceiling, to Retry-After and to whole milliseconds, whatever the dice say", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0, max: 0.9999999, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: RETRY_AFTER_CAP_MS })),
        fc.constantFrom("PT1S", "PT20S", "PT0.5S", "P1D"),
        (attempt, chance, retryAfterMs, initial) => {
          const policy = { maxAttempts: 1_000, within: "P3660D", initial, cap: "PT6H" };
          const inMs = pause({ policy, attempt, chance, retryAfterMs }) as number;
          const ceiling = Math.min(6 * HOUR, parseDuration(initial)! * 2 ** Math.min(attempt - 1, 40));
          expect(inMs).to.be.at.least(Math.max(1_000, retryAfterMs ?? 0));
          expect(inMs).to.be.at.most(Math.max(1_000, Math.ceil(ceiling), retryAfterMs ?? 0));
          expect(Number.isSafeInteger(inMs)).to.equal(true);
          // The header lengthens the pause and never shortens it.
          expect(inMs).to.be.at.least(pause({ policy, attempt, chance, retryAfterMs: null }) as number);
        },
      ),
      { seed: 2, numRuns: 5_000 },
    );
  });

  const policy = SCHEDULE_DEFAULTS.retry;
  const ends: readonly (readonly [title: string, given: Partial<RetryQuestion>, decision: string | number])[] = [
    ["tries again after the last attempt but one", { attempt: 11, chance: 0 }, 1_000],
    ["gives up after the last attempt", { attempt: 12, chance: 0 }, "attempts_exhausted"],
    ["gives up after more attempts than there are, the policy having changed", { attempt: 13 }, "attempts_exhausted"],
    ["gives up at once where one attempt is all", { policy: { ...policy, maxAttempts: 1 } }, "attempts_exhausted"],
    ["tries until the end of the time", { now: later(24 * HOUR - 1_000), chance: 0 }, 1_000],
    ["gives up where the pause would end behind it", { now: later(24 * HOUR - 999), chance: 0 }, "out_of_time"],
    ["gives up where the time is over", { now: later(30 * HOUR), chance: 0 }, "out_of_time"],
    [
      "counts the time from the first attempt, not from due",
      { firstAttemptAt: later(48 * HOUR), now: later(71 * HOUR), chance: 0 },
      1_000,
    ],
    ["waits as long as the receiver asks", { retryAfterMs: HOUR, chance: 0 }, HOUR],
    ["asks once more at the end where the receiver asks for too long", { retryAfterMs: 25 * HOUR }, 24 * HOUR],
    ["asks not before its own pause is over", { attempt: 6, retryAfterMs: 0, chance: 0.5 }, 320_000],
    [
      "tries until the latest moment that the schedule allows",
      { latestSend: later(HOUR).getTime(), now: later(HOUR - 1_000), chance: 0 },
      1_000,
    ],
    ["gives up behind it", { latestSend: later(HOUR).getTime(), now: later(HOUR - 999), chance: 0 }, "out_of_time"],
    [
      "keeps to the shorter of both times",
      { latestSend: later(72 * HOUR).getTime(), now: later(24 * HOUR), chance: 0 },
      "out_of_time",
    ],
    ["names the attempts where both are used up", { attempt: 12, now: later(90 * HOUR) }, "attempts_exhausted"],
  ];
  for (const [title, given, decision] of ends) {
    it(title, () => expect(pause(given)).to.equal(decision));
  }

  it("outlasts an hour's outage with the default policy in nearly all cases", () => {
    const rng = new SeededRng(1);
    let survived = 0;
    for (let run = 0; run < 500; run++) {
      let [elapsed, attempt] = [0, 1];
      for (; elapsed < HOUR; attempt++) {
        const next = pause({ attempt, now: later(elapsed), chance: rng.next() });
        if (typeof next === "string") break;
        elapsed += next;
      }
      if (elapsed >= HOUR) survived++;
    }
    expect(survived).to.be.at.least(475);
  });
});

describe("latestSend", () => {
  it("is due plus the longest lateness, or never", () => {
    const event = { dueAt: new Date("2027-03-14T09:00:00Z"), origin: "rule", redrives: 0 } as const;
    const limit = { max: "PT1H", then: "skip" } as const;
    expect(latestSend(null, event)).to.equal(Infinity);
    expect(latestSend(limit, event)).to.equal(event.dueAt.getTime() + HOUR);
    expect(latestSend(limit, { ...event, redrives: 1 })).to.equal(Infinity);
    expect(latestSend(limit, { ...event, origin: "manual" })).to.equal(Infinity);
  });
});
