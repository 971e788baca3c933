import { expect } from "chai";
import {
  ask,
  type Breaker,
  BREAKER_DEFAULTS,
  type BreakerOptions,
  failingTooLong,
  newBreaker,
  tell,
} from "../../src/destinations/breaker.js";

const START = Date.UTC(2027, 2, 14);
const { pauseMs, longestPauseMs, disableAfterMs, windowMs } = BREAKER_DEFAULTS;

/** A breaker after a row of results, `.` a success and `x` a failure, each so many milliseconds after the one before. */
function after(results: string, stepMs = 10, from = newBreaker(START), now = START): Breaker {
  let breaker = from;
  [...results].forEach((result, index) => (breaker = tell(breaker, result === ".", now + index * stepMs)));
  return breaker;
}

function tripped(): Breaker {
  return after("xxxxx", 0);
}

const ROWS: readonly (readonly [results: string, stepMs: number, state: Breaker["state"]])[] = [
  ["", 0, "closed"],
  ["xxxx", 0, "closed"], // too few to judge by
  ["xxxxx", 0, "open"],
  ["..........", 0, "closed"],
  [".....xxxx", 0, "closed"],
  [".....xxxxx", 0, "open"], // half of them
  ["....xxx.", 0, "closed"],
  ["x.x.x", 0, "open"],
  ["xxxxx", windowMs / 4, "closed"], // never five within the window
  ["xxxxx", windowMs / 5, "open"],
  ["xxxx......", 0, "closed"],
];

describe("the breaker", () => {
  for (const [results, stepMs, state] of ROWS) {
    it(`is ${state} after "${results}", ${stepMs} ms apart`, () => {
      expect(after(results, stepMs).state).to.equal(state);
    });
  }

  it("lets all through while it is closed", () => {
    const breaker = after("xxxx");
    for (let request = 0; request < 10; request++) expect(ask(breaker, START)).to.deep.equal({ go: true, breaker });
  });

  it("lets nothing through while it is open, and says until when", () => {
    const breaker = tripped();
    expect(ask(breaker, START)).to.deep.equal({ go: false, inMs: pauseMs, breaker });
    expect(ask(breaker, START + pauseMs - 1)).to.deep.include({ go: false, inMs: 1 });
  });

  it("lets one probe through after its pause, and all others wait for it", () => {
    const now = START + pauseMs;
    const first = ask(tripped(), now);
    expect(first).to.deep.include({ go: true });
    expect(first.breaker.state).to.equal("half_open");
    for (let request = 0; request < 5; request++)
      expect(ask(first.breaker, now)).to.deep.include({ go: false, inMs: pauseMs });
  });

  it("lets another probe through when nothing is heard of the first", () => {
    const first = ask(tripped(), START + pauseMs).breaker;
    expect(ask(first, START + 2 * pauseMs - 1).go).to.equal(false);
    expect(ask(first, START + 2 * pauseMs).go).to.equal(true);
  });

  it("closes when the probe succeeds, and remembers nothing", () => {
    const now = START + pauseMs;
    const closed = tell(ask(tripped(), now).breaker, true, now);
    expect(closed).to.deep.equal(newBreaker(now));
  });

  it("pauses twice as long after each probe that fails, up to a limit", () => {
    let [breaker, now] = [tripped(), START];
    const pauses: number[] = [];
    for (let probe = 0; probe < 8; probe++) {
      pauses.push(breaker.probeAt - now);
      now = breaker.probeAt;
      breaker = tell(ask(breaker, now).breaker, false, now);
    }
    expect(pauses.slice(0, 5)).to.deep.equal([1, 2, 4, 4, 4].map((times) => times * pauseMs));
    expect(Math.max(...pauses)).to.equal(longestPauseMs);
    expect(pauses.at(-1)).to.equal(longestPauseMs);
  });

  it("is not moved by the failures of requests that were under way when it opened", () => {
    const open = tripped();
    const later = after("x".repeat(100), 10, open, START + 100);
    expect({ ...later, lastFailure: open.lastFailure }).to.deep.equal(open);
  });

  it("closes when one of them succeeds: the destination answers", () => {
    expect(tell(tripped(), true, START + 100).state).to.equal("closed");
  });

  it("knows since when nothing has succeeded", () => {
    expect(newBreaker(START).failingSince).to.equal(null);
    expect(after("xx").failingSince).to.equal(START);
    expect(after("xx.").failingSince).to.equal(null);
    expect(after("xx.x").failingSince).to.equal(START + 30);
    const reopened = tell(ask(tripped(), START + pauseMs).breaker, false, START + pauseMs);
    expect(reopened.failingSince).to.equal(START);
  });

  it("has failed for too long after five days without a success, and not before", () => {
    let [breaker, now] = [tripped(), START];
    while (now - START < disableAfterMs) {
      expect(failingTooLong(breaker, now)).to.equal(false);
      now = breaker.probeAt;
      breaker = tell(ask(breaker, now).breaker, false, now);
    }
    expect(failingTooLong(breaker, now)).to.equal(true);
    expect(failingTooLong(newBreaker(START), START + disableAfterMs)).to.equal(false);
  });

  it("takes other limits", () => {
    const strict: BreakerOptions = { ...BREAKER_DEFAULTS, leastCalls: 1, failureShare: 1, pauseMs: 5 };
    const breaker = tell(newBreaker(START), false, START, strict);
    expect(breaker).to.include({ state: "open", probeAt: START + 5 });
  });
});
